/** Keys that expire in the same second are found together. */
const BUCKET_MS = 1_000;

/**
 * Finds expired keys without a timer for each and without looking at all of them: keys lie in buckets by the second in which they
 * expire, and whole buckets are due. Looking costs one step for each bucket, once a second.
 */
export class ExpiryBuckets {
  readonly #buckets = new Map<number, Set<string>>();
  #looked = Number.NEGATIVE_INFINITY;

  add(key: string, expiresAt: number): void {
    const second = Math.floor(expiresAt / BUCKET_MS);
    const bucket = this.#buckets.get(second);
    if (bucket) bucket.add(key);
    else this.#buckets.set(second, new Set([key]));
  }

  remove(key: string, expiresAt: number): void {
    const second = Math.floor(expiresAt / BUCKET_MS);
    const bucket = this.#buckets.get(second);
    bucket?.delete(key);
    if (bucket?.size === 0) this.#buckets.delete(second);
  }

  /** Takes out the keys of every second that is over. */
  takeDue(now: number): readonly string[] {
    const second = Math.floor(now / BUCKET_MS);
    if (second <= this.#looked) return [];
    this.#looked = second;
    const due: string[] = [];
    for (const [of, keys] of this.#buckets) {
      if (of >= second) continue;
      due.push(...keys);
      this.#buckets.delete(of);
    }
    return due;
  }
}
