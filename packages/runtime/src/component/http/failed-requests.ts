/** So long after a reason was told, further failures of that reason are counted. */
const STRETCH_MS = 1_000;
/** Reasons that are told in one stretch: they have names in them that a guest chooses. */
const MOST_REASONS = 8;

/** Says why requests of a guest failed: each reason once in a stretch of time, and with the next stretch, or at the end, how many there were beside them. */
export class FailedRequests {
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  readonly #told = new Set<string>();
  #sinceMs = Number.NEGATIVE_INFINITY;
  #untold = 0;

  /** @param now - Milliseconds that only go up. */
  constructor(say: (line: string) => void, now: () => number = () => performance.now()) {
    this.#say = say;
    this.#now = now;
  }

  add(reason: string): void {
    const now = this.#now();
    if (now - this.#sinceMs >= STRETCH_MS) {
      this.end();
      this.#told.clear();
      this.#sinceMs = now;
    }
    if (this.#told.has(reason) || this.#told.size >= MOST_REASONS) {
      this.#untold += 1;
      return;
    }
    this.#told.add(reason);
    this.#say(`HTTP request failed: ${reason}`);
  }

  /** Says how many were not told. */
  end(): void {
    if (this.#untold > 0) this.#say(`${this.#untold} more HTTP ${this.#untold === 1 ? 'request' : 'requests'} failed`);
    this.#untold = 0;
  }
}
