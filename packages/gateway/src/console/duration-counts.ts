/** Buckets that each doubling is cut into, as a power of two. */
const STEPS_LOG = 3;
const STEPS = 2 ** STEPS_LOG;
/** Reached at 2^31 microseconds, that is 35 minutes; what takes longer counts as that. */
const BUCKETS = 29 * STEPS;
const LONGEST = 2 ** 31 - 1;

/** Durations of some time, for the shares below which most of them lie. */
export class DurationCounts {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  add(milliseconds: number): void {
    const bucket = bucketOf(Math.min(Math.max(milliseconds * 1_000, 0), LONGEST));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
  }

  /** What so large a share of them did not take longer than, at most 12.5 % or a microsecond too high; null where there are none. */
  quantile(share: number): number | null {
    let left = Math.ceil(this.#total * share);
    if (left === 0) return null;
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return endOf(bucket) / 1_000;
    }
    return null;
  }

  clear(): void {
    if (this.#total === 0) return;
    this.#counts.fill(0);
    this.#total = 0;
  }
}

/** Of a number of microseconds. A logarithm by the place of the highest bit and the bits below it: one that is computed costs as much as reading a clock. */
function bucketOf(microseconds: number): number {
  const whole = microseconds | 0;
  const shift = Math.max(0, 31 - Math.clz32(whole) - STEPS_LOG);
  return shift * STEPS + (whole >>> shift);
}

/** The microsecond at which the next bucket begins. */
function endOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / STEPS) - 1);
  return (bucket - shift * STEPS + 1) * 2 ** shift;
}
