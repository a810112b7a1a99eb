/**
 * The time limit of whatever runs now, one thing after the other, with one timer for all of them: it is set once and
 * looks again when it fires, so that a call that starts and ends costs no timer. It does not keep the process alive.
 */
export class Deadline {
  readonly #onPassed: () => void;
  #atMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(onPassed: () => void) {
    this.#onPassed = onPassed;
  }

  /** Resets the deadline to this many milliseconds from now. */
  start(afterMs: number): void {
    this.#atMs = performance.now() + afterMs;
    if (this.#timerAtMs > this.#atMs) this.#arm(afterMs);
  }

  /** Nothing runs any more. The timer, if there is one, fires once more and finds nothing. */
  stop(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
  }

  /** Stops for good; no timer is left. */
  dispose(): void {
    this.stop();
    clearTimeout(this.#timer);
    this.#timerAtMs = Number.POSITIVE_INFINITY;
  }

  #arm(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timerAtMs = performance.now() + afterMs;
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(afterMs)));
    this.#timer.unref();
  }

  #look(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    const leftMs = this.#atMs - performance.now();
    if (leftMs === Number.POSITIVE_INFINITY) return;
    if (leftMs > 0) {
      this.#arm(leftMs);
      return;
    }
    this.stop();
    this.#onPassed();
  }
}
