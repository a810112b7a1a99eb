import type { TestApi } from '../../src/index.ts';

/** How one test of a suite ended. */
export interface TestOutcome {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'hung' | 'skipped';
  readonly error?: unknown;
}

const QUIET_TURNS = 20_000;

/** Runs a suite without a runner and tells how each of its tests ended. Subjects live in this thread, so a hang needs no clock to be seen. */
export async function runSuite(declare: (t: TestApi) => void): Promise<readonly TestOutcome[]> {
  const tests: { readonly title: string; readonly body: (() => Promise<void>) | undefined }[] = [];
  const path: string[] = [];
  const add = (title: string, body: (() => Promise<void>) | undefined): void => {
    tests.push({ title: [...path, title].join(' > '), body });
  };
  const it = Object.assign((title: string, body: () => Promise<void>) => add(title, body), {
    skip: (title: string) => add(title, undefined),
  });
  const describe = (title: string, body: () => void): void => {
    path.push(title);
    body();
    path.pop();
  };
  declare({ describe, it });

  const outcomes: TestOutcome[] = [];
  for (const { title, body } of tests) {
    outcomes.push(body ? { title, ...(await run(body)) } : { title, outcome: 'skipped' });
  }
  return outcomes;
}

async function run(body: () => Promise<void>): Promise<Omit<TestOutcome, 'title'>> {
  let ended: Omit<TestOutcome, 'title'> | undefined;
  const before = resources();
  body().then(
    () => {
      ended = { outcome: 'passed' };
    },
    (error: unknown) => {
      ended = { outcome: 'failed', error };
    },
  );
  // Turns count as quiet while nothing is under way outside this thread: a disk may take longer than any number of turns.
  for (let quiet = 0; !ended && quiet < QUIET_TURNS; quiet = resources() > before ? 0 : quiet + 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return ended ?? { outcome: 'hung' };
}

function resources(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource !== 'Immediate').length;
}
