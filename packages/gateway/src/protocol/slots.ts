/**
 * What is open now, by place. It does what a Map or Set would do for entries that come and go thousands of times a second,
 * but that V8 keeps a chain of the tables such a Set has outgrown: once one of them is old, the young ones behind it, and all
 * they held, survive every minor collection although nothing needs them.
 */
export class Slots<T> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** The place that the next entry gets. */
  get next(): number {
    return this.#free.at(-1) ?? this.#items.length;
  }

  /** Takes an entry in, and answers its place. */
  add(item: T): number {
    const place = this.next;
    this.#free.pop();
    this.#items[place] = item;
    return place;
  }

  /** Every place, from 0 to before this number, that has been given. */
  get places(): number {
    return this.#items.length;
  }

  at(place: number): T | undefined {
    return this.#items[place];
  }

  /** Empties a place; another entry may have it from now on. */
  remove(place: number): void {
    if (this.#items[place] === undefined) return;
    this.#items[place] = undefined;
    this.#free.push(place);
  }

  /** The entries of now; they may be removed meanwhile. */
  values(): T[] {
    return this.#items.filter((item) => item !== undefined);
  }
}
