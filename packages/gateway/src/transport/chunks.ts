/** A chunk below this size is copied to the others of its kind: as a Buffer of its own it costs more than its bytes. */
const SMALL_BELOW_BYTES = 4_096;

/** So many chunks are kept as they are, whatever their size: most of what comes, comes in a few. */
const KEPT_CHUNKS = 16;

/** Room for small chunks that is taken at once. */
const BLOCK_BYTES = 65_536;

/**
 * Bytes that come in chunks and are wanted as one. Large chunks are not copied until then; small ones are joined as they
 * come, so that what is held stays within twice the bytes that came and one block, however they were cut.
 */
export class Chunks {
  #parts: Buffer[] = [];
  #block: Buffer | undefined;
  #used = 0;
  #byteLength = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  append(chunk: Buffer): void {
    const { length } = chunk;
    if (length === 0) return;
    this.#byteLength += length;
    if (this.#block && length > BLOCK_BYTES - this.#used) this.#closeBlock();
    if (!this.#block) {
      if (length >= SMALL_BELOW_BYTES || this.#parts.length < KEPT_CHUNKS) {
        this.#parts.push(chunk);
        return;
      }
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    }
    chunk.copy(this.#block, this.#used);
    this.#used += length;
  }

  /** All of it as one; nothing is held afterwards. */
  take(): Buffer {
    const byteLength = this.#byteLength;
    const parts = this.takeParts();
    const [first] = parts;
    return parts.length === 1 && first ? first : Buffer.concat(parts, byteLength);
  }

  /** All of it, in as many parts as are held; nothing is held afterwards. */
  takeParts(): readonly Buffer[] {
    this.#closeBlock();
    const parts = this.#parts;
    this.clear();
    return parts;
  }

  clear(): void {
    this.#parts = [];
    this.#block = undefined;
    this.#used = 0;
    this.#byteLength = 0;
  }

  #closeBlock(): void {
    if (this.#block) this.#parts.push(this.#block.subarray(0, this.#used));
    this.#block = undefined;
    this.#used = 0;
  }
}
