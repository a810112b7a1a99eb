/** Words before the bytes, as an `Int32Array` that both threads see. */
const Word = {
  /** Bytes written and taken since the start; they wrap, and their difference is what lies in between. */
  written: 0,
  taken: 1,
  /** Count what the writer, and the reader, have done: the other one sleeps on it. */
  writerTurn: 2,
  readerTurn: 3,
  /** 1 once the writer writes no more, and once the reader takes no more. */
  ended: 4,
  refused: 5,
  /** 1 while the side that cannot sleep has been told, and has not come yet. */
  rung: 6,
} as const;

const HEAD_BYTES = 32;

/** A pipe in memory that two threads see: one writes, one reads, nobody else. Either may sleep until the other has done something. */
export class ByteRing {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #mask: number;

  /** @param buffer - Of `ByteRing.buffer`. */
  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer, 0, HEAD_BYTES / 4);
    this.#bytes = new Uint8Array(buffer, HEAD_BYTES);
    this.#mask = this.#bytes.length - 1;
  }

  /** Memory for a ring of so many bytes, a power of two. */
  static buffer(byteLength: number): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_BYTES + byteLength);
  }

  /** Bytes that can be read now. */
  get readable(): number {
    return (Atomics.load(this.#words, Word.written) - Atomics.load(this.#words, Word.taken)) | 0;
  }

  /** The writer writes no more; what it has written is still there. */
  get isEnded(): boolean {
    return Atomics.load(this.#words, Word.ended) === 1;
  }

  /** The reader takes no more. */
  get isRefused(): boolean {
    return Atomics.load(this.#words, Word.refused) === 1;
  }

  /** Writes what there is room for, and answers how many bytes that were. */
  write(data: Uint8Array): number {
    const start = Atomics.load(this.#words, Word.written);
    const count = Math.min(data.length, this.#bytes.length - this.readable);
    if (count <= 0) return 0;
    const at = start & this.#mask;
    const first = Math.min(count, this.#bytes.length - at);
    this.#bytes.set(data.subarray(0, first), at);
    if (first < count) this.#bytes.set(data.subarray(first, count), 0);
    Atomics.store(this.#words, Word.written, (start + count) | 0);
    this.#took(Word.writerTurn);
    return count;
  }

  /** Reads as much as there is, and the buffer has room for; answers how many bytes that were. */
  read(into: Uint8Array): number {
    const start = Atomics.load(this.#words, Word.taken);
    const count = Math.min(into.length, this.readable);
    if (count <= 0) return 0;
    const at = start & this.#mask;
    const first = Math.min(count, this.#bytes.length - at);
    into.set(this.#bytes.subarray(at, at + first), 0);
    if (first < count) into.set(this.#bytes.subarray(0, count - first), first);
    Atomics.store(this.#words, Word.taken, (start + count) | 0);
    this.#took(Word.readerTurn);
    return count;
  }

  end(): void {
    Atomics.store(this.#words, Word.ended, 1);
    this.#took(Word.writerTurn);
  }

  refuse(): void {
    Atomics.store(this.#words, Word.refused, 1);
    this.#took(Word.readerTurn);
  }

  /** Blocks the thread until there is something to read, the writer has ended, or so many milliseconds have passed. */
  waitToRead(timeoutMs?: number): void {
    const turn = Atomics.load(this.#words, Word.writerTurn);
    if (this.readable === 0 && !this.isEnded) Atomics.wait(this.#words, Word.writerTurn, turn, timeoutMs);
  }

  /** Blocks the thread until there is room, or the reader takes no more. */
  waitToWrite(): void {
    const turn = Atomics.load(this.#words, Word.readerTurn);
    if (this.readable === this.#bytes.length && !this.isRefused) Atomics.wait(this.#words, Word.readerTurn, turn);
  }

  /** Counts what the writer has done, and whatever else the reader is woken for; it wraps. */
  get turn(): number {
    return Atomics.load(this.#words, Word.writerTurn);
  }

  /** Blocks the thread until the turn is another one, or so many milliseconds have passed. */
  awaitTurn(turn: number, timeoutMs: number): void {
    Atomics.wait(this.#words, Word.writerTurn, turn, timeoutMs);
  }

  /** Wakes the reader, which may sleep for more than what is written here. */
  wakeReader(): void {
    this.#took(Word.writerTurn);
  }

  /** Whether the side that cannot sleep has to be told: it has come since it was told last. */
  ring(): boolean {
    return Atomics.exchange(this.#words, Word.rung, 1) === 0;
  }

  /** It has come, and looks now. */
  answer(): void {
    Atomics.store(this.#words, Word.rung, 0);
  }

  #took(turn: number): void {
    Atomics.add(this.#words, turn, 1);
    Atomics.notify(this.#words, turn);
  }
}
