import { createPlugin } from '@extism/extism';
import { echoExtism } from '../guests/echo-extism.ts';

/** Extism keeps what calls leave behind until it is told to reset; a host that lives long must do so now and then. */
const CALLS_BETWEEN_RESETS = 100;

export interface EchoClient extends AsyncDisposable {
  echo(message: string): Promise<string>;
}

/** The echo plugin in Extism's JavaScript SDK. Its worker takes one call at a time, so callers take turns there. */
export async function openExtism({ inWorker }: { readonly inWorker: boolean }): Promise<EchoClient> {
  const plugin = await createPlugin(await WebAssembly.compile(echoExtism()), { runInWorker: inWorker });
  let calls = 0;
  const call = async (message: string): Promise<string> => {
    if (++calls % CALLS_BETWEEN_RESETS === 0) await plugin.reset();
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
  return { echo: inWorker ? inTurn : call, [Symbol.asyncDispose]: () => plugin.close() };
}
