/** Failures within one window, of one address and of all together. */
const OF_ONE = 10;
const OF_ALL = 100;
const WINDOW_MS = 15 * 60_000;
/** Addresses that are counted apart; what comes from more is counted together. */
const MOST_ADDRESSES = 1_000;

/** Counts failed attempts to sign in, in windows of fifteen minutes that begin with the first failure. */
export class Attempts {
  readonly #now: () => number;
  readonly #byAddress = new Map<string, number>();
  #all = 0;
  #endsAt = Number.NEGATIVE_INFINITY;

  /** @param now - Milliseconds that only go up. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Seconds until an attempt from there is looked at again; 0 where it is looked at now. */
  waitSeconds(address: string): number {
    const left = this.#endsAt - this.#now();
    if (left <= 0) return 0;
    const isOver = this.#all >= OF_ALL || (this.#byAddress.get(address) ?? 0) >= OF_ONE;
    return isOver ? Math.ceil(left / 1_000) : 0;
  }

  failed(address: string): void {
    const now = this.#now();
    if (now >= this.#endsAt) {
      this.#byAddress.clear();
      this.#all = 0;
      this.#endsAt = now + WINDOW_MS;
    }
    this.#all++;
    const known = this.#byAddress.get(address) ?? 0;
    if (known > 0 || this.#byAddress.size < MOST_ADDRESSES) this.#byAddress.set(address, known + 1);
  }

  /** It was no failure after all. */
  forgive(address: string): void {
    const known = this.#byAddress.get(address) ?? 0;
    if (known > 0) this.#byAddress.set(address, known - 1);
    if (this.#all > 0) this.#all--;
  }
}
