/** Counts observations by size, for a histogram: a few numbers in an array. */
export class BucketCounts {
  readonly #bounds: readonly number[];
  readonly counts: number[];
  #sum = 0;

  /** @param bounds - Upper bounds, inclusive and ascending; what is larger than all of them has a bucket of its own. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    let index = 0;
    while (value > (this.#bounds[index] ?? Number.POSITIVE_INFINITY)) index++;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.#sum += value;
  }
}
