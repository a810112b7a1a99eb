import type { TestApi } from '../../src/index.ts';

/** A subject with one fault, the suite meant for it, and the one test of it that must fail. */
export interface BrokenSubject {
  readonly fault: string;
  /** Declares the suite on the faulty subject. */
  readonly suite: (t: TestApi) => void;
  /** @default "memory" */
  readonly place?: 'disk';
  /** Title of the test, behind the last " > ". */
  readonly caughtBy: string;
}
