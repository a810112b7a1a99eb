/** One HTTP answer, as far as a measurement needs it. */
export interface HttpAnswer {
  readonly status: number;
  /** The lines above the body, in lower case. */
  readonly head: string;
  readonly body: Buffer;
}

const EMPTY = Buffer.alloc(0);
const LENGTH = /\r\ncontent-length: *(\d+)/;

/** Reads the answers of one HTTP/1.1 connection on which one request is under way at a time. */
export class ResponseReader {
  /** Of an answer by length, its first part; of one in chunks, what has not been read yet. */
  #held: Buffer = EMPTY;
  #head = '';
  #parts: Buffer[] = [];
  #missing = 0;

  /** Takes what has arrived; answers the whole answer once it is complete. */
  push(arrived: Buffer): HttpAnswer | undefined {
    let bytes = arrived;
    if (this.#head === '') {
      bytes = this.#held.length > 0 ? Buffer.concat([this.#held, arrived]) : arrived;
      const end = bytes.indexOf('\r\n\r\n');
      this.#held = end < 0 ? bytes : EMPTY;
      if (end < 0) return undefined;
      this.#head = bytes.toString('latin1', 0, end).toLowerCase();
      this.#missing = Number(LENGTH.exec(this.#head)?.[1] ?? 0);
      bytes = bytes.subarray(end + 4);
    }
    return this.#head.includes('\r\ntransfer-encoding: chunked') ? this.#pushChunks(bytes) : this.#pushPart(bytes);
  }

  #pushPart(bytes: Buffer): HttpAnswer | undefined {
    this.#parts.push(bytes);
    this.#missing -= bytes.length;
    if (this.#missing < 0) throw new Error('the answer is longer than its content-length');
    return this.#missing === 0 ? this.#finish() : undefined;
  }

  #pushChunks(bytes: Buffer): HttpAnswer | undefined {
    let held = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : bytes;
    for (;;) {
      const line = held.indexOf('\r\n');
      const size = line < 0 ? 0 : Number.parseInt(held.toString('latin1', 0, line), 16);
      if (line < 0 || held.length < line + 2 + size + 2) {
        this.#held = held;
        return undefined;
      }
      if (size === 0) return this.#finish();
      this.#parts.push(held.subarray(line + 2, line + 2 + size));
      held = held.subarray(line + 2 + size + 2);
    }
  }

  #finish(): HttpAnswer {
    const [first = EMPTY] = this.#parts;
    const body = this.#parts.length > 1 ? Buffer.concat(this.#parts) : first;
    const head = this.#head;
    this.#held = EMPTY;
    this.#head = '';
    this.#parts = [];
    return { status: Number(head.slice(9, 12)), head, body };
  }
}
