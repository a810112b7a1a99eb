import type { TestApi } from '../test-api.ts';

/** A test that a suite has declared. */
export interface CollectedTest {
  /** Titles of the groups it is in, outermost first. */
  readonly path: readonly string[];
  readonly title: string;
  /** Missing where the test is not to be run. */
  readonly body?: () => Promise<void>;
}

/** What suites declare, in order, without a runner. */
export function collectTests(declare: (t: TestApi) => void): readonly CollectedTest[] {
  const tests: CollectedTest[] = [];
  let path: readonly string[] = [];
  const it = Object.assign((title: string, body: () => Promise<void>) => tests.push({ path, title, body }), {
    skip: (title: string) => tests.push({ path, title }),
  });
  const describe = (title: string, body: () => void): void => {
    const outer = path;
    path = [...outer, title];
    body();
    path = outer;
  };
  declare({ describe, it });
  return tests;
}
