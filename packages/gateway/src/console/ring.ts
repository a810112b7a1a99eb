/** The last of many things, each with a number that grows by one. */
export class Ring<T> {
  readonly #size: number;
  readonly #items: T[] = [];
  #last = 0;

  /** @param size - How many are kept. */
  constructor(size: number) {
    this.#size = size;
  }

  /** The number of the newest; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest that is kept. */
  get first(): number {
    return Math.max(1, this.#last - this.#size + 1);
  }

  /** @returns its number. */
  push(item: T): number {
    this.#items[this.#last % this.#size] = item;
    return ++this.#last;
  }

  /** The one of this number, where it is kept. */
  at(number: number): T | undefined {
    return number >= this.first && number <= this.#last ? this.#items[(number - 1) % this.#size] : undefined;
  }

  /** All that are kept, the newest first. */
  *newest(): Generator<T> {
    for (let number = this.#last; number >= this.first; number--) yield this.at(number) as T;
  }

  /** All that are kept, the oldest first. */
  *oldest(): Generator<T> {
    for (let number = this.first; number <= this.#last; number++) yield this.at(number) as T;
  }
}
