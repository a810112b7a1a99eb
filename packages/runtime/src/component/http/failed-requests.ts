/** So long after one failure was told, others are counted. */
const STRETCH_MS = 1_000;

/** Says why requests of a guest failed: the first of a stretch of time, and with the next one, or at the end, how many there were beside it. */
export class FailedRequests {
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  #toldMs = Number.NEGATIVE_INFINITY;
  #untold = 0;

  /** @param now - Milliseconds that only go up. */
  constructor(say: (line: string) => void, now: () => number = () => performance.now()) {
    this.#say = say;
    this.#now = now;
  }

  add(reason: string): void {
    if (this.#now() - this.#toldMs < STRETCH_MS) {
      this.#untold += 1;
      return;
    }
    this.end();
    this.#toldMs = this.#now();
    this.#say(`HTTP request failed: ${reason}`);
  }

  /** Says how many were not told. */
  end(): void {
    if (this.#untold > 0) this.#say(`${this.#untold} more HTTP requests failed`);
    this.#untold = 0;
  }
}
