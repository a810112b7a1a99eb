/** A server that ends its stream every few seconds is not asked more often than this, in milliseconds. */
const REST_MS = 30_000;

/** When to look again at what a server may have changed while it had no stream to tell it on: at once, and seldom where that happens often. */
export class MissedChanges {
  readonly #look: () => void;
  readonly #now: () => number;
  #next = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(look: () => void, now: () => number) {
    this.#look = look;
    this.#now = now;
  }

  note(): void {
    const waitMs = this.#next - this.#now();
    if (waitMs <= 0) this.#lookNow();
    else this.#timer ??= setTimeout(() => this.#lookNow(), waitMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #lookNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next = this.#now() + REST_MS;
    this.#look();
  }
}
