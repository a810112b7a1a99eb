import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Isolation } from '@lockgate/runtime';
import type { Figure } from '../figure.ts';

const CHILD = new URL('../subjects/start-child.ts', import.meta.url).pathname;

interface Start {
  readonly startMs: number;
  readonly rssMiB: number;
}

async function startPlugins(count: number, isolation: Isolation): Promise<Start> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    '--expose-gc',
    CHILD,
    String(count),
    isolation,
  ]);
  return JSON.parse(stdout) as Start;
}

const figures: readonly Figure[] = [1, 50, 200].flatMap((count) =>
  (['startMs', 'rssMiB'] as const).map((what) => ({
    name: `runtime-start of ${count} textkit plugins: ${what === 'startMs' ? 'until each has answered' : 'memory'}, worker against inline`,
    unit: what === 'startMs' ? 'ms' : 'MiB',
    setup: async () => ({
      baseline: async () => (await startPlugins(count, 'inline'))[what],
      subject: async () => (await startPlugins(count, 'worker'))[what],
      note: 'no aim: what threads cost, which plugins share while they idle',
      [Symbol.asyncDispose]: async () => {},
    }),
  })),
);

export default figures;
