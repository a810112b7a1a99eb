/** What the process of a subject is to do, as JSON in its first argument. */
export interface SubjectJob {
  /** Absolute path. */
  readonly file: string;
  readonly suites: readonly string[] | undefined;
  /** How long a test waits for what ought to happen, in ms. */
  readonly patienceMs: number;
  /** The first test that is run, by its place in the list; `null` where none is. */
  readonly from: number | null;
}

/** A test before it runs. */
export interface TestHead {
  readonly suite: string;
  readonly title: string;
  /** Why it does not apply. */
  readonly skipped?: string;
}

/** How a test ended. */
export interface TestEnd {
  readonly outcome: 'passed' | 'failed' | 'not applicable';
  readonly sentence?: string;
  readonly stack?: string;
}

/** What the process of a subject says. */
export type SubjectMessage =
  | { readonly kind: 'unusable'; readonly problem: string }
  | { readonly kind: 'tests'; readonly tests: readonly TestHead[] }
  | { readonly kind: 'begins'; readonly index: number }
  | { readonly kind: 'ended'; readonly index: number; readonly end: TestEnd }
  | { readonly kind: 'uncaught'; readonly what: string }
  | { readonly kind: 'done' };
