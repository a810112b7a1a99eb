const FAILURES_TO_OPEN = 5;
const WINDOW_MS = 30_000;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

/**
 * Stops a module from being restarted again and again: after five failures in a row within 30 s, for each instance that it
 * has, it rests, at first 1 s, then twice as long after every further failure, up to 60 s. One call that succeeds ends all that.
 */
export class CrashLoopBreaker {
  readonly #now: () => number;
  readonly #failedAtMs: number[] = [];
  #restMs = 0;
  #restUntilMs = 0;
  #lastCause: Error | undefined;
  #failures = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  get lastCause(): Error | undefined {
    return this.#lastCause;
  }

  /** How long it still rests, in ms; 0 when calls may go on. */
  get restsForMs(): number {
    return this.#restMs === 0 ? 0 : Math.max(0, Math.ceil(this.#restUntilMs - this.#now()));
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#failedAtMs.length = 0;
    this.#restMs = 0;
  }

  /**
   * Answers whether the module rests now.
   *
   * @param instances - How many it has, the failed one included: what several of them fail of at once is a row for each, not one.
   */
  failed(cause: Error, instances = 1): boolean {
    const now = this.#now();
    this.#failures += 1;
    this.#lastCause = cause;
    this.#failedAtMs.push(now);
    const toOpen = FAILURES_TO_OPEN * Math.max(1, instances);
    this.#failedAtMs.splice(0, this.#failedAtMs.length - toOpen);
    const [oldest = now] = this.#failedAtMs;
    // Once it has rested, the next failure is enough: nothing has succeeded in between.
    const opens = this.#restMs > 0 || (this.#failedAtMs.length === toOpen && now - oldest <= WINDOW_MS);
    if (!opens) return false;
    this.#restMs = Math.min(LONGEST_REST_MS, this.#restMs === 0 ? FIRST_REST_MS : this.#restMs * 2);
    this.#restUntilMs = now + this.#restMs;
    return true;
  }
}
