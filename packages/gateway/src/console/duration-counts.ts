/** Each bucket reaches 2^(1/4), that is 19 %, further than the one before: from 0.05 ms to some 20 minutes. */
const FACTOR = 2 ** 0.25;
const FIRST_MS = 0.05;
const LOG_OF_FACTOR = Math.log(FACTOR);
const BUCKETS = 100;

/** Durations of some time, for the shares below which most of them lie. */
export class DurationCounts {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  add(milliseconds: number): void {
    const bucket = Math.ceil(Math.log(milliseconds / FIRST_MS) / LOG_OF_FACTOR);
    const index = Math.min(Math.max(bucket, 0), BUCKETS - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total++;
  }

  /** What so large a share of them did not take longer than, at most 19 % too high; null where there are none. */
  quantile(share: number): number | null {
    let left = Math.ceil(this.#total * share);
    if (left === 0) return null;
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return Math.round(FIRST_MS * FACTOR ** index * 1_000) / 1_000;
    }
    return null;
  }

  clear(): void {
    if (this.#total === 0) return;
    this.#counts.fill(0);
    this.#total = 0;
  }
}
