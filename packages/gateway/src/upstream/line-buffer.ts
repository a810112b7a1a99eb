/** Largest line, in bytes. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Makes lines of chunks; each byte is looked at once, however many chunks a line comes in. */
export class LineBuffer {
  readonly #lines: string[] = [];
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** @param maxBytes - Of a line that is not complete yet. */
  constructor(maxBytes: number = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** @throws when a line gets too long; nothing of it is kept. */
  append(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#lines.push(this.#complete(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start === chunk.length) return;
    this.#parts.push(chunk.subarray(start));
    this.#bytes += chunk.length - start;
    if (this.#bytes <= this.#maxBytes) return;
    this.clear();
    throw new RangeError(`a line is longer than ${this.#maxBytes} bytes`);
  }

  /** The next line without its end, or undefined where none is complete. */
  next(): string | undefined {
    return this.#lines.shift();
  }

  clear(): void {
    this.#lines.length = 0;
    this.#parts = [];
    this.#bytes = 0;
  }

  #complete(last: Buffer): string {
    if (this.#parts.length === 0) return last.toString('utf8');
    const line = Buffer.concat([...this.#parts, last]).toString('utf8');
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }
}
