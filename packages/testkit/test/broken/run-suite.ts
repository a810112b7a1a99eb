import type { TestApi } from '../../src/index.ts';
import { collectTests } from '../../src/tools/collect-tests.ts';

/** How one test of a suite ended. */
export interface TestOutcome {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'hung' | 'skipped';
  readonly error?: unknown;
}

/** A subject in this thread has done what it will ever do by then, so that a hang needs no clock to be seen. */
const TURNS_IN_MEMORY = 30_000;

/** Runs a suite without a runner and tells how each of its tests ended. A subject on disk, for which turns mean nothing, must not hang. */
export async function runSuite(
  declare: (t: TestApi) => void,
  place: 'memory' | 'disk' = 'memory',
): Promise<readonly TestOutcome[]> {
  const quietTurns = place === 'memory' ? TURNS_IN_MEMORY : Number.POSITIVE_INFINITY;
  const outcomes: TestOutcome[] = [];
  for (const { path, title: last, body } of collectTests(declare)) {
    const title = [...path, last].join(' > ');
    outcomes.push(body ? { title, ...(await run(body, quietTurns)) } : { title, outcome: 'skipped' });
  }
  return outcomes;
}

async function run(body: () => Promise<void>, quietTurns: number): Promise<Omit<TestOutcome, 'title'>> {
  let ended: Omit<TestOutcome, 'title'> | undefined;
  body().then(
    () => {
      ended = { outcome: 'passed' };
    },
    (error: unknown) => {
      ended = { outcome: 'failed', error };
    },
  );
  for (let turn = 0; !ended && turn < quietTurns; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return ended ?? { outcome: 'hung' };
}
