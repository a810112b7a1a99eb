import { connect, type Socket } from 'node:net';
import type { AnswerHandler, Sending, SentRequest } from '../sender.ts';
import { ChunkedBody } from './chunked-body.ts';
import { leftToNode } from './left-to-node.ts';
import { type AnswerHead, readAnswerHead } from './read-answer-head.ts';
import { requestHead } from './request-head.ts';

/** Below this, making a text of a body costs less than a second piece. */
const TEXT_BELOW_BYTES = 16_384;

/** How long it may take to connect, in milliseconds. */
const CONNECT_MS = 10_000;

/** How long a connection may be silent before the system asks whether it is still there, in milliseconds. */
const PROBE_AFTER_MS = 60_000;

/** Where requests of one server go, and its connections that wait for the next one. */
export interface Origin {
  readonly host: string;
  readonly port: number;
  readonly idle: PlainConnection[];
}

/** One connection to a server, which has one request under way at most. What the server says unasked ends it. */
export class PlainConnection {
  readonly #socket: Socket;
  readonly #origin: Origin;
  readonly #connecting: NodeJS.Timeout;
  #sending: Exchange | undefined;
  /** Until when it may be used again, as `performance.now()` has it. */
  usableUntil = 0;
  lastHead: AnswerHead | undefined;

  constructor(origin: Origin) {
    this.#origin = origin;
    const { host, port } = origin;
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS });
    this.#socket = socket;
    this.#connecting = setTimeout(() => socket.destroy(connectTimeout()), CONNECT_MS);
    socket.on('connect', () => clearTimeout(this.#connecting));
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onEnd);
  }

  /** Whether it can take the next request. */
  isUsable(now: number): boolean {
    return now < this.usableUntil && !this.#socket.destroyed;
  }

  /** @throws TypeError for a header that cannot be sent; the connection stays as it was. */
  send(start: string, { method, headers, body }: SentRequest, handler: AnswerHandler): Sending {
    const head = requestHead(start, headers, method === 'POST' ? (body?.length ?? 0) : body?.length);
    const socket = this.#socket;
    this.#sending = new Exchange(this, method, handler);
    socket.ref();
    if (!body) socket.write(head, 'latin1');
    else if (body.length < TEXT_BELOW_BYTES) socket.write(head + body.toString('latin1'), 'latin1');
    else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
    return this.#sending;
  }

  end(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The answer has come whole: the connection waits for the next request, where it may. */
  over(keptMs: number): void {
    this.#sending = undefined;
    // An answer before the request was sent: its rest would be the next request's beginning.
    if (keptMs === 0 || this.#socket.destroyed || this.#socket.writableLength > 0) {
      this.#socket.destroy();
      return;
    }
    this.usableUntil = performance.now() + keptMs;
    this.#socket.unref();
    this.#origin.idle.push(this);
  }

  /** Gives the socket away; nothing of it is read here any more. */
  release(): Socket {
    const socket = this.#socket;
    clearTimeout(this.#connecting);
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onError);
    socket.off('close', this.#onEnd);
    this.#sending = undefined;
    return socket;
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#sending) this.#sending.read(chunk);
    else this.#socket.destroy();
  };

  readonly #onEnd = (): void => this.#lost(otherSideClosed());

  readonly #onError = (error: Error): void => this.#lost(error);

  #lost(error: Error): void {
    clearTimeout(this.#connecting);
    this.#socket.destroy();
    this.usableUntil = 0;
    const sending = this.#sending;
    this.#sending = undefined;
    sending?.fail(error);
  }
}

/** One request and the reading of its answer. */
class Exchange implements Sending {
  readonly #connection: PlainConnection;
  readonly #method: SentRequest['method'];
  readonly #handler: AnswerHandler;
  #head: AnswerHead | undefined;
  /** What is missing of a body whose length is known. */
  #missing = 0;
  #chunked: ChunkedBody | undefined;
  #isOver = false;
  /** Where Node reads the answer. */
  #left: Sending | undefined;

  constructor(connection: PlainConnection, method: SentRequest['method'], handler: AnswerHandler) {
    this.#connection = connection;
    this.#method = method;
    this.#handler = handler;
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#left) this.#left.abort();
    else this.#connection.end();
  }

  pause(): void {
    (this.#left ?? this.#connection).pause();
  }

  resume(): void {
    (this.#left ?? this.#connection).resume();
  }

  fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onError(error);
  }

  read(bytes: Buffer): void {
    if (this.#head) {
      this.#body(bytes, 0, this.#head);
      return;
    }
    const connection = this.#connection;
    const head = readAnswerHead(bytes, connection.lastHead);
    if (!head) {
      this.#left = leftToNode(connection.release(), this.#method, bytes, this.#handler);
      return;
    }
    connection.lastHead = head;
    this.#head = head;
    if (head.bodyLength === undefined) this.#chunked = new ChunkedBody();
    else this.#missing = head.bodyLength;
    this.#handler.onHead(head.status, head.headers);
    this.#body(bytes, head.bytes.length, head);
  }

  #body(bytes: Buffer, from: number, head: AnswerHead): void {
    const end = this.#chunked ? this.#chunks(this.#chunked, bytes, from) : this.#plain(bytes, from);
    if (this.#isOver || !(this.#chunked ? this.#chunked.isWhole : this.#missing === 0)) return;
    this.#isOver = true;
    // More than was asked for: whose it is, nobody can know.
    this.#connection.over(end < bytes.length ? 0 : head.keptMs);
    this.#handler.onEnd();
  }

  #plain(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#missing);
    this.#missing -= end - from;
    if (!this.#isOver && end > from)
      this.#handler.onData(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    return end;
  }

  #chunks(chunked: ChunkedBody, bytes: Buffer, from: number): number {
    if (this.#isOver) return from;
    try {
      return chunked.read(bytes, from, this.#take);
    } catch (error) {
      this.#connection.end();
      this.fail(error as Error);
      return bytes.length;
    }
  }

  readonly #take = (part: Buffer): boolean => {
    this.#handler.onData(part);
    return !this.#isOver;
  };
}

/** As undici says it, which reads what comes over TLS. */
function otherSideClosed(): Error {
  return Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
}

function connectTimeout(): Error {
  return Object.assign(new Error(`no connection within ${CONNECT_MS / 1_000} s`), { code: 'UND_ERR_CONNECT_TIMEOUT' });
}
