/** So much of either end is kept. */
const KEPT_BYTES = 256;

/** The first and the last bytes of a line of which the rest is not kept. */
export class LineEnds {
  /** In memory of its own, as the other end. */
  readonly begin: Buffer;
  #end: Buffer = Buffer.alloc(0);
  #byteLength = 0;

  /** @param first - What has come of the line, at least as much as is kept of its beginning. */
  constructor(first: Buffer) {
    this.begin = Buffer.from(first.subarray(0, KEPT_BYTES));
    this.add(first);
  }

  get end(): Buffer {
    return this.#end;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  add(part: Buffer): void {
    this.#byteLength += part.length;
    const last = part.subarray(-KEPT_BYTES);
    this.#end = Buffer.concat([this.#end, last]).subarray(-KEPT_BYTES);
  }
}
