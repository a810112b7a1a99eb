/** Lines longer than this are kept cut, in characters: so many of them must fit into memory. */
const MAX_LINE = 8_192;

/** The last lines of the log, as they were written. */
export class LogRing {
  readonly #size: number;
  readonly #lines: string[] = [];
  #last = 0;

  /** @param size - How many lines are kept. */
  constructor(size = 1_000) {
    this.#size = size;
  }

  /** The number of the newest line; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest line that is kept. */
  get first(): number {
    return Math.max(1, this.#last - this.#size + 1);
  }

  add(line: string): void {
    this.#lines[this.#last % this.#size] = line.length > MAX_LINE ? cut(line) : line;
    this.#last++;
  }

  /** The line of this number, where it is kept. */
  at(number: number): string | undefined {
    return number >= this.first && number <= this.#last ? this.#lines[(number - 1) % this.#size] : undefined;
  }
}

/** A copy: a part of a text keeps the whole of it alive. */
function cut(line: string): string {
  return Buffer.from(line.slice(0, MAX_LINE)).toString();
}
