/** Collects what is told, and lets a test wait for the next of it instead of for time to pass. */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #readers: ((item: T) => void)[] = [];

  readonly put = (item: T): void => {
    const reader = this.#readers.shift();
    if (reader) reader(item);
    else this.#items.push(item);
  };

  /** The oldest item that was not taken yet, or the next one to come. */
  next(): Promise<T> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** What was told and not taken yet. */
  get waiting(): readonly T[] {
    return this.#items;
  }
}
