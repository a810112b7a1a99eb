import { createRuntime, type Isolation } from '@lockgate/runtime';
import type { Figure } from '../figure.ts';
import { echoPlugin } from '../guests/echo-plugin.ts';
import { messageOf } from '../guests/echo-protocol.ts';
import { callsPerSecond } from '../subjects/callers.ts';
import { openExtism } from '../subjects/extism.ts';

interface Load {
  readonly isolation: Isolation;
  readonly callers: number;
  readonly bytes: number;
  readonly label: string;
  readonly calls: number;
  readonly aim: number;
}

function againstExtism({ isolation, callers, bytes, label, calls, aim }: Load): Figure {
  const mode = isolation === 'inline' ? 'foreground' : 'worker';
  return {
    name: `extism ${mode} against Lockgate ${isolation}, ${callers} caller${callers > 1 ? 's' : ''}, ${label}`,
    unit: 'calls/s',
    aim: { ratio: aim, better: 'higher' },
    setup: async ({ quick }) => {
      const extism = await openExtism({ inWorker: isolation === 'worker' });
      const runtime = await createRuntime({ isolation });
      const plugin = await runtime.loadPlugin(echoPlugin({ waits: false }));
      const message = messageOf(bytes);
      const many = quick ? Math.ceil(calls / 5) : calls;
      return {
        baseline: async () => {
          await extism.reset();
          const fewer = isolation === 'worker' ? Math.ceil(many / 10) : many;
          return await callsPerSecond(callers, fewer, () => extism.echo(message));
        },
        subject: () => callsPerSecond(callers, many, () => plugin.execute('echo', { message })),
        note: 'both guests copy the same message between the same JSON; Extism is the npm package with its own kernel',
        async [Symbol.asyncDispose]() {
          await runtime.close();
          await extism[Symbol.asyncDispose]();
        },
      };
    },
  };
}

const small = { bytes: 100, label: '100 B' };
const figures: readonly Figure[] = [
  ...[1, 8, 64].map((callers) => againstExtism({ isolation: 'inline', callers, ...small, calls: 20_000, aim: 2 })),
  againstExtism({ isolation: 'inline', callers: 1, bytes: 10_000, label: '10 kB', calls: 2_000, aim: 2 }),
  againstExtism({ isolation: 'inline', callers: 1, bytes: 1_000_000, label: '1 MB', calls: 20, aim: 2 }),
  ...[1, 8, 64].map((callers) => againstExtism({ isolation: 'worker', callers, ...small, calls: 5_000, aim: 8 })),
];

export default figures;
