import type { Contest, Context, Measure, Run } from '../figure.ts';
import { processorTimeUs } from '../subjects/processor-time.ts';
import type { ServerProcess } from '../subjects/server-process.ts';
import { Load } from './load.ts';
import type { Target } from './target.ts';

const RUN_MS = 1_000;
const QUICK_RUN_MS = 150;
const MOST_CALLS = 50_000;

export const LOAD_MEASURES: readonly Measure[] = [
  { key: 'callsPerSecond', title: 'calls per second', unit: 'calls/s' },
  { key: 'p50Ms', title: 'median latency', unit: 'ms' },
  { key: 'p99Ms', title: 'p99 latency', unit: 'ms' },
  { key: 'cpuUs', title: 'processor time', unit: 'µs/call' },
  { key: 'loadCpuUs', title: 'processor time of the clients', unit: 'µs/call' },
];

/** One of those that take turns: what the clients call, and the process whose processor time is counted. */
export interface Side {
  readonly name: string;
  readonly target: Target;
  /** Absent over a pipe, where the clients start it. */
  readonly process?: ServerProcess;
}

/** What a load contest needs to know beside its sides. */
export interface LoadOptions {
  /** Whether all sides must hand on the same contents; they need not where they are different servers. */
  readonly alike: boolean;
  readonly note: string;
}

/**
 * Connects the same clients to all sides; the first one is the subject. All that `owned` holds is disposed of with the
 * contest, or at once when a side cannot be reached.
 */
export async function loadContest(
  { quick }: Context,
  sides: readonly [Side, ...Side[]],
  owned: AsyncDisposableStack,
  { alike, note }: LoadOptions,
): Promise<Contest> {
  await using opening = owned.move();
  const load = opening.use(new Load());
  const ready: { name: string; contents: string; run: Run }[] = [];
  for (const { name, target, process } of sides) {
    const blame = (error: Error): never => {
      throw new Error(`${name}: ${error.message}\n${process?.lastWords() ?? ''}`);
    };
    const { opened, run } = await load.open(target).catch(blame);
    const pid = process?.pid ?? opened.pid ?? Number.NaN;
    const runMs = quick ? QUICK_RUN_MS : RUN_MS;
    const runOnce: Run = async () => {
      const before = processorTimeUs(pid);
      const { calls, callsPerSecond, p50Ms, p99Ms, loadCpuUs } = await run(runMs, MOST_CALLS).catch(blame);
      return { callsPerSecond, p50Ms, p99Ms, loadCpuUs, cpuUs: (processorTimeUs(pid) - before) / calls };
    };
    ready.push({ name, contents: opened.contents, run: runOnce });
  }
  const [subject, ...references] = ready as [(typeof ready)[number], ...typeof ready];
  const odd = references.find(({ contents }) => alike && contents !== subject.contents);
  if (odd) throw new Error(`${odd.name} gives other contents than ${subject.name}`);
  const kept = opening.move();
  return {
    subject: subject.run,
    references: Object.fromEntries(references.map(({ name, run }) => [name, run])),
    note: `${note}; every answer is compared byte by byte`,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
