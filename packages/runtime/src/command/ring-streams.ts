import { Readable, Writable } from 'node:stream';
import type { ByteRing } from './byte-ring.ts';

/** Most bytes that are taken out of a ring at once. */
const CHUNK_BYTES = 65_536;

/** The end of a pipe that this thread writes to. It never blocks: what there is no room for waits until the reader says that there is. */
export class RingWriter {
  readonly stream: Writable;
  readonly #ring: ByteRing;
  #rest: Uint8Array | undefined;
  #done: ((error?: Error | null) => void) | undefined;

  constructor(ring: ByteRing) {
    this.#ring = ring;
    this.stream = new Writable({
      decodeStrings: true,
      write: (chunk: Buffer, _encoding, done) => {
        this.#rest = chunk;
        this.#done = done;
        this.look();
      },
      final: (done) => {
        ring.end();
        done();
      },
      destroy: (error, done) => {
        ring.end();
        done(error);
      },
    });
  }

  /** The reader has taken something. */
  look(): void {
    this.#ring.answer();
    while (this.#rest !== undefined) {
      if (this.#ring.isRefused) {
        this.#settle(new Error('nobody reads it any more'));
        return;
      }
      const count = this.#ring.write(this.#rest);
      if (count === this.#rest.length) this.#settle();
      else if (count === 0) return;
      else this.#rest = this.#rest.subarray(count);
    }
  }

  #settle(error?: Error): void {
    const done = this.#done;
    this.#rest = undefined;
    this.#done = undefined;
    done?.(error);
  }
}

/** The end of a pipe that this thread reads from. As long as nobody reads the stream, nothing is taken, and the writer gets to wait. */
export class RingReader {
  readonly stream: Readable;
  readonly #ring: ByteRing;
  #isWanted = false;
  #isOver = false;

  constructor(ring: ByteRing) {
    this.#ring = ring;
    this.stream = new Readable({
      highWaterMark: CHUNK_BYTES,
      read: () => {
        this.#isWanted = true;
        this.look();
      },
      destroy: (error, done) => {
        ring.refuse();
        done(error);
      },
    });
  }

  /** The writer has written something, or writes no more. */
  look(): void {
    this.#ring.answer();
    while (this.#isWanted && !this.stream.destroyed) {
      const byteLength = Math.min(this.#ring.readable, CHUNK_BYTES);
      if (byteLength === 0) break;
      const chunk = Buffer.allocUnsafe(byteLength);
      this.#ring.read(chunk);
      this.#isWanted = this.stream.push(chunk);
    }
    if ((this.#isOver || this.#ring.isEnded) && this.#isWanted && this.#ring.readable === 0) {
      this.#isWanted = false;
      this.stream.push(null);
    }
  }

  /** Nothing more is written: the stream ends with what there is. */
  over(): void {
    this.#isOver = true;
    this.look();
  }
}
