import { createRuntime, type Isolation } from '@lockgate/runtime';
import type { Figure } from '../figure.ts';
import { echoExtism } from '../guests/echo-extism.ts';
import { echoPlugin } from '../guests/echo-plugin.ts';
import { messageOf } from '../guests/echo-protocol.ts';
import { callsPerSecond } from '../subjects/callers.ts';
import { openExtism } from '../subjects/extism.ts';

type Plugin = Awaited<ReturnType<Awaited<ReturnType<typeof createRuntime>>['loadPlugin']>>;

interface Load {
  /** Whether Lockgate runs the very plug-in that Extism does, not one of its own kind. */
  readonly same?: boolean;
  readonly isolation: Isolation;
  readonly callers: number;
  readonly bytes: number;
  readonly label: string;
  readonly calls: number;
  readonly aim?: number;
  /** How many calls Extism makes before it is told to drop what calls left behind. */
  readonly callsPerReset: number;
}

/** A call of the plug-in for Extism, put and read as in {@link openExtism}. */
async function callSame(plugin: Plugin, message: string): Promise<string> {
  const { data } = await plugin.execute('echo', { input: JSON.stringify({ tool_name: 'echo', args: { message } }) });
  return (JSON.parse(data) as { data: string }).data;
}

function againstExtism({ same = false, isolation, callers, bytes, label, calls, aim, callsPerReset }: Load): Figure {
  const mode = isolation === 'inline' ? 'foreground' : 'worker';
  const kept = callsPerReset < calls && isolation === 'worker' ? `, reset every ${callsPerReset} calls` : '';
  return {
    name: `extism ${mode}${kept} against ${same ? 'the same plug-in in ' : ''}Lockgate ${isolation}, ${callers} caller${callers > 1 ? 's' : ''}, ${label}`,
    unit: 'calls/s',
    ...(aim !== undefined && { aim: { ratio: aim, better: 'higher' as const } }),
    setup: async ({ quick }) => {
      const extism = await openExtism({ inWorker: isolation === 'worker' });
      const runtime = await createRuntime({ isolation });
      const plugin = same
        ? await runtime.loadPlugin(echoExtism(), { exports: { echo: { export: 'execute', input: 'text' } } })
        : await runtime.loadPlugin(echoPlugin({ waits: false }));
      const message = messageOf(bytes);
      const many = quick && isolation === 'inline' ? Math.ceil(calls / 5) : calls;
      return {
        baseline: async () => {
          let elapsed = 0;
          for (let done = 0; done < many; done += callsPerReset) {
            await extism.reset();
            const part = Math.min(callsPerReset, many - done);
            elapsed += part / (await callsPerSecond(callers, part, () => extism.echo(message)));
          }
          return many / elapsed;
        },
        subject: () =>
          same
            ? callsPerSecond(callers, many, () => callSame(plugin, message))
            : callsPerSecond(callers, many, () => plugin.execute('echo', { message })),
        note: `both guests copy the same message between the same JSON; Extism keeps each call's blocks until reset() and gets slower by them, here up to ${Math.min(callsPerReset, many)} calls' worth`,
        async [Symbol.asyncDispose]() {
          await runtime.close();
          await extism[Symbol.asyncDispose]();
        },
      };
    },
  };
}

// Extism's addresses have room for 32,767 blocks: without a reset, calls fail after 16,383 of them.
const inline = { isolation: 'inline', callsPerReset: 5_000, aim: 2 } as const;
const worker = { isolation: 'worker', bytes: 100, label: '100 B', calls: 3_000 } as const;
const figures: readonly Figure[] = [
  ...[1, 8, 64].map((callers) => againstExtism({ ...inline, callers, bytes: 100, label: '100 B', calls: 20_000 })),
  againstExtism({ ...inline, callers: 1, bytes: 10_000, label: '10 kB', calls: 2_000 }),
  againstExtism({ ...inline, callers: 1, bytes: 1_000_000, label: '1 MB', calls: 20 }),
  ...[1, 8, 64].map((callers) =>
    againstExtism({ ...worker, callers, callsPerReset: Number.POSITIVE_INFINITY, aim: 8 }),
  ),
  againstExtism({ ...worker, callers: 64, callsPerReset: 50 }),
  ...[1, 64].map((callers) =>
    againstExtism({ ...inline, same: true, callers, bytes: 100, label: '100 B', calls: 20_000 }),
  ),
  againstExtism({ ...inline, same: true, callers: 1, bytes: 100_000, label: '100 kB', calls: 200 }),
  ...[1, 64].map((callers) =>
    againstExtism({ ...worker, same: true, callers, callsPerReset: Number.POSITIVE_INFINITY, aim: 6 }),
  ),
];

export default figures;
