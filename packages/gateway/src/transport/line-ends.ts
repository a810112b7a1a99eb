/** So much of either end is kept. */
const KEPT_BYTES = 256;

/** The first and the last bytes of a line or a body of which the rest is not kept. */
export class LineEnds {
  #begin: Buffer = Buffer.alloc(0);
  #end: Buffer = Buffer.alloc(0);
  #byteLength = 0;

  /** In memory of its own, as the other end. */
  get begin(): Buffer {
    return this.#begin;
  }

  get end(): Buffer {
    return this.#end;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  add(part: Buffer): void {
    this.#byteLength += part.length;
    const missing = KEPT_BYTES - this.#begin.length;
    if (missing > 0) this.#begin = Buffer.concat([this.#begin, part.subarray(0, missing)]);
    const last = part.subarray(-KEPT_BYTES);
    this.#end = Buffer.concat([this.#end, last]).subarray(-KEPT_BYTES);
  }
}
