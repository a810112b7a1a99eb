/** Declares one test. */
export interface TestCase {
  (title: string, body: () => Promise<void>): unknown;
  /** Declares a test that is not run, but shown. */
  skip(title: string, body: () => Promise<void>): unknown;
}

/** What a suite needs of a test runner: vitest, `node:test` and mocha have it. */
export interface TestApi {
  describe(title: string, body: () => void): unknown;
  readonly it: TestCase;
}

/** What a subject can do. Only `false` turns tests into skips: what is not declared has to pass. */
export type Supports<K extends string> = Readonly<Partial<Record<K, boolean>>>;

/** Declares tests, and turns those that the subject cannot pass by its own account into visible skips. */
export class SuiteWriter<K extends string> {
  readonly #api: TestApi;
  readonly #supports: Supports<K> | undefined;

  constructor(api: TestApi, supports: Supports<K> | undefined) {
    this.#api = api;
    this.#supports = supports;
  }

  it(title: string, body: () => Promise<void>): void {
    this.#api.it(title, () => body().catch(throwFirst));
  }

  /** A test that only makes sense for a subject with all of these abilities. What is not declared counts as there. */
  itWith(wanted: readonly K[], title: string, body: () => Promise<void>): void {
    const missing = wanted.filter((ability) => this.#supports?.[ability] === false);
    if (missing.length === 0) this.it(title, body);
    else this.#api.it.skip(`${title} (skipped: the subject does not support ${missing.join(', ')})`, body);
  }
}

/**
 * A subject that fails a test often cannot be closed either, and of the two runners print only the `SuppressedError` of the
 * closing. What went wrong first is the diagnosis.
 */
function throwFirst(error: unknown): never {
  let first = error;
  while (first instanceof Error && first.name === 'SuppressedError' && 'suppressed' in first) first = first.suppressed;
  throw first;
}
