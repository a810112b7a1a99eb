import { Writable } from 'node:stream';
import type { AnswerHead } from './replica-message.ts';

/** Bytes that are under way to the other gateway at most, before its client has taken some. */
const WINDOW_BYTES = 1_048_576;

/** Bytes of one part: a store has no room for messages of any size. */
const PART_BYTES = 262_144;

/** A part of the answer as it goes back. */
export interface AnswerPart {
  readonly head: AnswerHead | undefined;
  readonly body: Buffer;
  readonly isLast: boolean;
}

/**
 * The answer to a request that another gateway has passed on, as far as a `ServerResponse` is used. What is written in one turn of the event loop goes back as
 * one part; what does not fit the window waits here, where `writableLength` counts it.
 */
export class PassedResponse extends Writable {
  readonly #send: (part: AnswerPart) => void;
  #head: AnswerHead | undefined;
  #headers: AnswerHead['headers'] | undefined;
  #headersSent = false;
  #parts: Buffer[] = [];
  #waitingBytes = 0;
  #isLast = false;
  #sent = 0;
  #written = 0;
  #waiting: (() => void) | undefined;
  #flushing: NodeJS.Immediate | undefined;

  constructor(send: (part: AnswerPart) => void) {
    super();
    this.#send = send;
    // Whoever writes to a client that has gone is told nothing, as with a socket.
    this.on('error', () => undefined);
  }

  get headersSent(): boolean {
    return this.#headersSent;
  }

  writeHead(status: number, headers: AnswerHead['headers'] = {}): this {
    this.#head = { status, headers };
    this.#headers = headers;
    this.#headersSent = true;
    return this;
  }

  hasHeader(name: string): boolean {
    return this.#headers !== undefined && Object.hasOwn(this.#headers, name);
  }

  flushHeaders(): void {
    this.#soon();
  }

  /** The other gateway's client has taken so many bytes in all. */
  written(bytes: number): void {
    this.#written = Math.max(this.#written, bytes);
    if (this.#isFull) return;
    const goOn = this.#waiting;
    this.#waiting = undefined;
    goOn?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#take(chunk, 0, done);
  }

  override _final(done: () => void): void {
    this.#isLast = true;
    this.#flush();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearImmediate(this.#flushing);
    done(error);
  }

  #take(chunk: Buffer, start: number, done: () => void): void {
    for (let from = start; from < chunk.length; from += PART_BYTES) {
      if (this.#isFull) {
        this.#waiting = () => this.#take(chunk, from, done);
        return;
      }
      const piece = chunk.subarray(from, from + PART_BYTES);
      this.#sent += piece.length;
      if (this.#waitingBytes + piece.length > PART_BYTES) this.#flush();
      this.#parts.push(piece);
      this.#waitingBytes += piece.length;
    }
    this.#soon();
    done();
  }

  get #isFull(): boolean {
    return this.#sent - this.#written >= WINDOW_BYTES;
  }

  #soon(): void {
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const head = this.#head;
    this.#head = undefined;
    const body = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#waitingBytes = 0;
    this.#send({ head, body, isLast: this.#isLast });
  }
}
