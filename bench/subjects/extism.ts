import { createPlugin } from '@extism/extism';
import { echoExtism } from '../guests/echo-extism.ts';

export interface EchoClient extends AsyncDisposable {
  echo(message: string): Promise<string>;
  /** Drops what calls left behind, which Extism keeps until it is told to. Not while a call is under way. */
  reset(): Promise<unknown>;
}

/** The echo plugin in Extism's JavaScript SDK. Its worker takes one call at a time, so callers take turns there. */
export async function openExtism({ inWorker }: { readonly inWorker: boolean }): Promise<EchoClient> {
  const plugin = await createPlugin(await WebAssembly.compile(echoExtism()), { runInWorker: inWorker });
  const call = async (message: string): Promise<string> => {
    const output = await plugin.call('execute', JSON.stringify({ tool_name: 'echo', args: { message } }));
    if (!output) throw new Error('Extism gave no output');
    return (output.json() as { data: string }).data;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (message: string): Promise<string> => {
    const answer = turn.then(() => call(message));
    turn = answer.catch(() => undefined);
    return answer;
  };
  return { echo: inWorker ? inTurn : call, reset: () => plugin.reset(), [Symbol.asyncDispose]: () => plugin.close() };
}
