import type { Socket } from 'node:net';
import { STATUS_CODES } from '../../node-http.ts';
import type { HttpResponse } from '../http-contract.ts';
import { dateLine } from './date-line.ts';

/** What no value of a header may have: it could end the line. */
const UNUSABLE = /[^\t\x20-\x7e\x80-\xff]/;

/** Below this, making a text of a chunk costs less than more pieces. */
const TEXT_BELOW_BYTES = 16_384;

/** The connection that an answer is written on. */
export interface QuickWire {
  readonly socket: Socket;
  /** The lines of the head that say what becomes of the connection; it ends after this answer where the answer says so. */
  connectionLines(isLast: boolean): string;
  /** The answer has been given; what the client has not taken of it is under way. */
  answered(response: QuickResponse): void;
}

/** The answer to one request that was read here; what is written is what `ServerResponse` would have written. */
export class QuickResponse implements HttpResponse {
  readonly #wire: QuickWire;
  readonly #socket: Socket;
  #listeners: (() => void)[] = [];
  /** Waits for the first bytes of the body. */
  #head = '';
  #isChunked = false;
  #isOver = false;
  headersSent = false;
  writableEnded = false;

  constructor(wire: QuickWire) {
    this.#wire = wire;
    this.#socket = wire.socket;
  }

  get destroyed(): boolean {
    return this.#isOver || this.#socket.destroyed;
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  writeHead(status: number, headers: Readonly<Record<string, string | number>>): void {
    if (this.headersSent) throw new Error('The head of this answer has been written');
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
    for (const name in headers) {
      if (name === 'connection') continue;
      const value = String(headers[name]);
      if (UNUSABLE.test(value)) throw new Error(`The header "${name}" has characters that no header may have`);
      head += `${name}: ${value}\r\n`;
    }
    this.headersSent = true;
    this.#isChunked = headers['content-length'] === undefined && status !== 204;
    const connection = this.#wire.connectionLines(headers.connection === 'close');
    const encoding = this.#isChunked ? 'Transfer-Encoding: chunked\r\n' : '';
    this.#head = `${head}${dateLine()}${connection}${encoding}\r\n`;
  }

  hasHeader(name: string): boolean {
    return name === 'content-length' && this.headersSent && !this.#isChunked;
  }

  flushHeaders(): void {
    this.#joinOfTick();
    this.#send('');
  }

  write(chunk: Buffer, done?: () => void): void {
    if (!this.#isChunked) this.#send(chunk, done);
    else if (chunk.length > 0) {
      this.#joinOfTick();
      const length = `${chunk.length.toString(16)}\r\n`;
      if (chunk.length < TEXT_BELOW_BYTES) {
        this.#send(`${length}${chunk.toString('latin1')}\r\n`, done);
        return;
      }
      this.#send(length);
      this.#send(chunk);
      this.#send('\r\n', done);
    }
  }

  end(chunk: Buffer | string = '', encoding?: 'latin1'): void {
    if (this.writableEnded || this.destroyed) return;
    if (this.#isChunked) {
      this.write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
      this.#send('0\r\n\r\n');
    } else this.#send(chunk);
    this.writableEnded = true;
    this.#wire.answered(this);
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  on(_event: 'close', listener: () => void): void {
    this.#listeners.push(listener);
  }

  once(event: 'close', listener: () => void): void {
    this.on(event, listener);
  }

  destroy(error?: Error): void {
    this.#socket.destroy(error);
  }

  /** Says that it is over: the client has all of it, or has gone. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const listener of this.#listeners) listener();
    this.#listeners = [];
  }

  /** What is written in this turn leaves in one piece. */
  #joinOfTick(): void {
    const socket = this.#socket;
    if (socket.writableCorked > 0) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }

  /** Sends this, and before it the head where that waits. A text has one byte a character. */
  #send(piece: Buffer | string, done?: () => void): void {
    const socket = this.#socket;
    if (this.destroyed || socket.writableEnded) return;
    const head = this.#head;
    this.#head = '';
    if (typeof piece === 'string') {
      const text = head + piece;
      if (text !== '') socket.write(text, 'latin1', done);
      return;
    }
    if (head === '') {
      socket.write(piece, done);
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(piece, done);
    socket.uncork();
  }
}
