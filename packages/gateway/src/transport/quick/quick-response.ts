import type { Socket } from 'node:net';
import { STATUS_CODES } from '../../node-http.ts';
import type { HttpResponse } from '../http-contract.ts';
import { httpDate } from './http-date.ts';

/** What must not stand in the value of a header: it could end the line. */
const UNUSABLE = /[^\t\x20-\x7e\x80-\xff]/;

const LAST_CHUNK = '0\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** The connection that an answer is written on. */
export interface QuickWire {
  readonly socket: Socket;
  /** The lines that say whether the connection goes on after this answer. */
  readonly connectionLines: () => string;
  /** Told when the answer has been written. */
  readonly answered: (response: QuickResponse) => void;
}

/** The answer to one request that was read here; as far as it goes it is what `ServerResponse` is. */
export class QuickResponse implements HttpResponse {
  readonly #wire: QuickWire;
  readonly #socket: Socket;
  /** Not sent yet. */
  #head = '';
  #isChunked = false;
  #listeners: (() => void)[] = [];
  destroyed = false;
  headersSent = false;
  writableEnded = false;

  constructor(wire: QuickWire) {
    this.#wire = wire;
    this.#socket = wire.socket;
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  writeHead(status: number, headers: Readonly<Record<string, string | number>>): this {
    if (this.headersSent) throw new Error('the head of the answer has been written');
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
    let hasLength = status === 204;
    for (const name in headers) {
      const value = String(headers[name]);
      if (UNUSABLE.test(value))
        throw new Error(`the header "${name}" of the answer has characters that no header may have`);
      if (name === 'content-length') hasLength = true;
      head += `${name}: ${value}\r\n`;
    }
    this.#isChunked = !hasLength;
    this.headersSent = true;
    this.#head = `${head}Date: ${httpDate()}\r\n${this.#wire.connectionLines()}${hasLength ? '' : 'Transfer-Encoding: chunked\r\n'}\r\n`;
    return this;
  }

  flushHeaders(): void {
    this.#send(NOTHING);
  }

  write(chunk: Buffer, done?: () => void): void {
    if (!this.#isChunked) this.#send(chunk, done);
    else if (chunk.length > 0) {
      this.#head += `${chunk.length.toString(16)}\r\n`;
      this.cork();
      this.#send(chunk, done);
      this.#socket.write('\r\n', 'latin1');
      this.uncork();
    }
  }

  end(chunk?: Buffer | string, encoding?: 'latin1'): void {
    if (this.writableEnded || this.destroyed) return;
    if (this.#isChunked) {
      if (chunk !== undefined && chunk.length > 0)
        this.write(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
      this.#send(LAST_CHUNK);
    } else this.#send(chunk ?? NOTHING);
    this.writableEnded = true;
    this.#wire.answered(this);
  }

  hasHeader(name: string): boolean {
    return name === 'content-length' && this.headersSent && !this.#isChunked;
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

  /** Tells that it is over. */
  over(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    for (const listener of this.#listeners) listener();
    this.#listeners = [];
  }

  /** Sends what is left of the head, and this behind it. */
  #send(body: Buffer | string, done?: () => void): void {
    const socket = this.#socket;
    if (this.destroyed || socket.writableEnded) return;
    const head = this.#head;
    this.#head = '';
    if (typeof body === 'string') {
      socket.write(head + body, 'latin1');
      return;
    }
    if (head !== '' && body.length > 0) socket.cork();
    if (head !== '') socket.write(head, 'latin1');
    if (body.length > 0) socket.write(body, done);
    if (head !== '' && body.length > 0) socket.uncork();
  }
}
