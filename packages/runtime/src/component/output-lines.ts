/** Bytes of an unfinished line that are kept; a guest that never ends its line gets it cut here. */
const MAX_PENDING_BYTES = 16_384;
const LINE_FEED = 10;

/** Makes lines out of what a guest writes. */
export class OutputLines {
  readonly #take: (line: string) => void;
  readonly #decoder: TextDecoder = new TextDecoder();
  readonly #pending: Uint8Array = new Uint8Array(MAX_PENDING_BYTES);
  #length = 0;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  write(bytes: Uint8Array): void {
    let start = 0;
    while (start < bytes.length) {
      const feed = bytes.indexOf(LINE_FEED, start);
      const part = bytes.subarray(start, feed < 0 ? bytes.length : feed);
      const room = MAX_PENDING_BYTES - this.#length;
      this.#pending.set(part.subarray(0, room), this.#length);
      this.#length += Math.min(part.length, room);
      if (feed < 0) return;
      this.#emit();
      start = feed + 1;
    }
  }

  /** Passes on what was written without ending the line. */
  flush(): void {
    if (this.#length > 0) this.#emit();
  }

  #emit(): void {
    const line = this.#decoder.decode(this.#pending.subarray(0, this.#length));
    this.#length = 0;
    this.#take(line);
  }
}
