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

/** What a subject can do. Only `false`, or a reason, turns tests into skips: what is not declared has to pass. */
export type Supports<K extends string> = Readonly<Partial<Record<K, boolean | string>>>;

/** Whether a subject says that it cannot do something. */
export function lacks<K extends string>(supports: Supports<K> | undefined, ability: K): boolean {
  const said = supports?.[ability];
  return said === false || typeof said === 'string';
}

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
    const missing = wanted.filter((ability) => lacks(this.#supports, ability));
    if (missing.length === 0) this.it(title, body);
    else this.#api.it.skip(`${title}${SKIPPED}${this.#whyNot(missing)})`, body);
  }

  #whyNot(missing: readonly K[]): string {
    const reasons = missing.flatMap((ability) => {
      const said = this.#supports?.[ability];
      return typeof said === 'string' ? [`${ability}: ${said}`] : [];
    });
    const plain = missing.filter((ability) => this.#supports?.[ability] === false);
    const rest = plain.length === 0 ? [] : [`the subject does not support ${plain.join(', ')}`];
    return [...reasons, ...rest].join('; ');
  }
}

const SKIPPED = ' (skipped: ';

/** The title of a test that was declared as skipped, and why it was. */
export function splitSkipped(declared: string): { readonly title: string; readonly reason: string } {
  const at = declared.lastIndexOf(SKIPPED);
  return { title: declared.slice(0, at), reason: declared.slice(at + SKIPPED.length, -1) };
}

/**
 * What went wrong first. A subject that fails a test often cannot be closed either, and of the two runners print only the
 * `SuppressedError` of the closing, which is no diagnosis.
 */
export function firstFailure(error: unknown): unknown {
  let first = error;
  while (first instanceof Error && first.name === 'SuppressedError' && 'suppressed' in first) first = first.suppressed;
  return first;
}

function throwFirst(error: unknown): never {
  throw firstFailure(error);
}
