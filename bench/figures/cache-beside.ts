import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Figure } from '../figure.ts';
import { runOnce, warmUp } from '../subjects/cache-runs.ts';

const FORMATTER = 'formatter-10MB';
/** Past the third look at a module, which comes after some 40 seconds. */
const WORKED_BEFORE_MS = 50_000;
const THIRTY_SECONDS_MS = 30_000;
const QUICK_MS = 4_000;

async function number(program: string, ...given: readonly string[]): Promise<number> {
  const path = fileURLToPath(new URL(`../subjects/${program}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', path, ...given]);
  return JSON.parse(stdout) as number;
}

const figures: readonly Figure[] = [
  {
    name: `cache-worker of ${FORMATTER}: first call in a worker that got the module posted, against the main thread`,
    unit: 'ms',
    aim: { ratio: 1.1, better: 'lower' },
    setup: async () => {
      const warm = await warmUp(FORMATTER);
      return {
        baseline: () => number('cache-worker-program', FORMATTER, warm.path, 'main'),
        subject: () => number('cache-worker-program', FORMATTER, warm.path, 'worker'),
        note: 'fresh processes; both modules come from the disk cache',
        [Symbol.asyncDispose]: async () => warm[Symbol.dispose](),
      };
    },
  },
  {
    name: `cache-parent of ${FORMATTER}: a call while the optimiser works, against the same alone`,
    unit: 'ms',
    aim: { ratio: 1.15, better: 'lower' },
    setup: async () => {
      const run = async (how: 'alone' | 'beside'): Promise<number> => {
        const directory = mkdtempSync(join(tmpdir(), 'lockgate-bench-'));
        try {
          return await number('cache-parent-program', FORMATTER, directory, how);
        } finally {
          rmSync(directory, { recursive: true, force: true });
        }
      };
      return {
        baseline: () => run('alone'),
        subject: () => run('beside'),
        note: 'median call of a process that has settled and is busy half of the time; the optimiser makes code for every function',
        [Symbol.asyncDispose]: async () => {},
      };
    },
  },
  ...['language-runtime-0.5MB', FORMATTER].map((workload) => ({
    name: `cache-throughput of ${workload}: the first 30 seconds after a start, with the disk cache against WebAssembly.compile`,
    unit: 'calls/s',
    setup: async ({ quick }: { readonly quick: boolean }) => {
      // A restart: the process before has worked for a while, and the optimiser has looked at it more than once.
      const warm = await warmUp(workload, true, quick ? 0 : WORKED_BEFORE_MS);
      const runMs = quick ? QUICK_MS : THIRTY_SECONDS_MS;
      const run = async (directory: string): Promise<number> =>
        (await runOnce(workload, directory, 0, runMs)).callsPerSecond;
      return {
        baseline: () => run('plain'),
        subject: () => run(warm.path),
        note: quick
          ? `${QUICK_MS / 1000} seconds only, after a process of one call`
          : `the process before worked for ${WORKED_BEFORE_MS / 1000} seconds`,
        [Symbol.asyncDispose]: async () => warm[Symbol.dispose](),
      };
    },
  })),
];

export default figures;
