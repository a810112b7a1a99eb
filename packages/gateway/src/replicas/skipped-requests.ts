/** Gaps that are kept of one gateway: what lies in older ones is not known to have been skipped, and so not done again. */
const MAX_GAPS = 1_000;

/** Requests of one other gateway that never came, or not whole, and so were never begun: known as long as it may ask about them. */
export class SkippedRequests {
  #gaps: (readonly [first: number, last: number])[] = [];

  /** @param last - The last of them, which is one itself. */
  add(first: number, last: number = first): void {
    if (this.has(first) && this.has(last)) return;
    this.#gaps.push([first, last]);
    if (this.#gaps.length > MAX_GAPS) this.#gaps.shift();
  }

  has(id: number): boolean {
    return this.#gaps.some(([first, last]) => first <= id && id <= last);
  }

  /** That gateway waits for these alone, and for what it passes later. */
  waitedFor(ids: Iterable<number>): void {
    const all = [...ids];
    this.#gaps = this.#gaps.filter(([first, last]) => all.some((id) => first <= id && id <= last));
  }
}
