import { type ChildProcess, fork } from 'node:child_process';
import type { SubjectJob, SubjectMessage, TestEnd, TestHead } from './subject-protocol.ts';
import { UsageError } from './usage-error.ts';

const PROGRAM = import.meta.url.endsWith('.ts') ? './subject-process-entry.ts' : './subject-process-entry.js';
const PATIENCE_SHARE = 1 / 4;
const STDERR = 2;

/** Which subject, and who is told. */
export interface SubjectRun {
  /** Absolute path. */
  readonly file: string;
  readonly suites: readonly string[] | undefined;
  /** How long the import, and each test, may take, in ms. */
  readonly timeoutMs: number;
  /** Run nothing, only tell of the tests. */
  readonly isListOnly: boolean;
  /** Ends it at once. */
  readonly signal: AbortSignal;
  /** Called once, before the first test. */
  onTests(tests: readonly TestHead[]): void;
  onEnd(test: TestHead, end: TestEnd): void;
}

/**
 * Runs the tests of a subject in a process of its own. Where that dies in a test, or does not end it in time, the test has failed, and
 * the others run in another process.
 *
 * @throws UsageError where the module cannot be used.
 */
export async function runSubject(run: SubjectRun): Promise<void> {
  let tests: readonly TestHead[] | undefined;
  for (let from = 0; tests === undefined || from < tests.length; ) {
    const process = new SubjectProcess(run, from, (told) => {
      if (tests === undefined) run.onTests(told);
      tests = told;
    });
    from = await process.ended();
    if (run.isListOnly || run.signal.aborted) return;
  }
}

/** One process. It tells of every test that ends in it. */
class SubjectProcess {
  readonly #run: SubjectRun;
  readonly #child: ChildProcess;
  readonly #closed: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #onTests: (tests: readonly TestHead[]) => void;
  #tests: readonly TestHead[] | undefined;
  /** The test that runs, or will run next. */
  #at: number;
  #isLate = false;
  #uncaught: string | undefined;
  #problem: string | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(run: SubjectRun, from: number, onTests: (tests: readonly TestHead[]) => void) {
    const { file, suites, timeoutMs, isListOnly } = run;
    this.#run = run;
    this.#at = from;
    this.#onTests = onTests;
    const patienceMs = Math.ceil(timeoutMs * PATIENCE_SHARE);
    const job: SubjectJob = { file, suites, patienceMs, from: isListOnly ? null : from };
    this.#child = fork(new URL(PROGRAM, import.meta.url), [JSON.stringify(job)], {
      stdio: ['ignore', STDERR, STDERR, 'ipc'], // stdout is for results alone
      signal: run.signal,
      killSignal: 'SIGKILL',
    });
    const closed = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
    this.#child.on('close', (code, signal) => closed.resolve({ code, signal }));
    this.#child.on('error', (error) => {
      if (!run.signal.aborted) closed.reject(error);
    });
    this.#closed = closed.promise;
    this.#child.on('message', (message: SubjectMessage) => this.#hear(message));
    this.#watch();
  }

  /** Resolves to the first test that has not been run. @throws UsageError */
  async ended(): Promise<number> {
    const { code, signal } = await this.#closed;
    clearTimeout(this.#watchdog);
    if (this.#problem !== undefined) throw new UsageError(this.#problem);
    if (this.#run.signal.aborted) return this.#at;
    const how = signal === null ? `exit code ${code}` : String(signal);
    if (this.#tests === undefined) throw new UsageError(this.#whyNoTests(how));
    const test = this.#tests[this.#at];
    if (test === undefined || this.#run.isListOnly) return this.#at;
    this.#run.onEnd(test, { outcome: 'failed', sentence: this.#whyItEnded(how) });
    return this.#at + 1;
  }

  #hear(message: SubjectMessage): void {
    switch (message.kind) {
      case 'tests':
        this.#tests = message.tests;
        this.#onTests(message.tests);
        break;
      case 'begins':
        break;
      case 'ended':
        this.#end(message.index, message.end);
        break;
      case 'uncaught':
        this.#uncaught = message.what;
        break;
      case 'unusable':
        this.#problem = message.problem;
        break;
      case 'done':
        clearTimeout(this.#watchdog);
        return;
      default: {
        const unknown: never = message;
        throw new TypeError(String(unknown));
      }
    }
    this.#watch();
  }

  #end(index: number, end: TestEnd): void {
    const test = this.#tests?.[index];
    this.#at = index + 1;
    if (test) this.#run.onEnd(test, end);
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#isLate = true;
      this.#child.kill('SIGKILL');
    }, this.#run.timeoutMs);
  }

  #whyNoTests(how: string): string {
    const { file, timeoutMs } = this.#run;
    if (this.#isLate)
      return `importing ${file} did not end within ${timeoutMs / 1_000} s: it waits or computes for ever at its top level. Start nothing there, but in "create"`;
    if (this.#uncaught !== undefined) return `${file} throws when it is imported: ${this.#uncaught}`;
    return `the process ended (${how}) while ${file} was imported: do not end it there`;
  }

  #whyItEnded(how: string): string {
    if (this.#isLate)
      return (
        `did not end within ${this.#run.timeoutMs / 1_000} s, and was given up: the subject computes for ever, or a promise of its ` +
        '"create" or "close" is never settled. Where it is only slow, give it longer with --timeout'
      );
    if (this.#uncaught !== undefined)
      return `nobody caught, while this test ran (it may be left from one before): ${this.#uncaught}\nA call that fails rejects to its caller: let no other promise or listener of yours fail unheard`;
    return `the process ended (${how}) while this test ran: a subject must leave it running`;
  }
}
