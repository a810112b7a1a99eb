import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Figure } from '../figure.ts';
import { quantile } from '../statistics.ts';

const PROGRAM = fileURLToPath(new URL('../subjects/many-program.ts', import.meta.url));
const COUNT = 200;

interface Many {
  readonly startMs: number;
  readonly mibEach: number;
  readonly takenMs: readonly number[];
}

async function runMany(plugins: number, calls: number): Promise<Many> {
  const argv = [...process.execArgv, '--expose-gc', PROGRAM, String(plugins), String(calls)];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return JSON.parse(stdout) as Many;
}

/** Against a number that was set, not against a rival. */
function against(name: string, unit: string, most: number, calls: number, value: (many: Many) => number): Figure {
  return {
    name: `runtime-many: ${COUNT} worker plugins, ${name}, against ${most} ${unit}`,
    unit,
    aim: { ratio: 1, better: 'lower' },
    setup: async () => ({
      baseline: async () => most,
      subject: async () => value(await runMany(COUNT, calls)),
      note: 'fresh processes; the first plugin runs before, so that what the runtime itself takes is not counted',
      [Symbol.asyncDispose]: async () => {},
    }),
  };
}

const figures: readonly Figure[] = [
  against('until each has answered', 'ms', 3_000, 0, ({ startMs }) => startMs),
  against('memory of each above the first', 'MiB', 3, 0, ({ mibEach }) => mibEach),
  // Each in turn: nearly every call finds its guest without a thread.
  against('a call of a parked one (median)', 'ms', 5, COUNT, ({ takenMs }) =>
    quantile(
      [...takenMs].sort((a, b) => a - b),
      0.5,
    ),
  ),
];

export default figures;
