import { connect, type Socket } from 'node:net';
import type { AnswerHandler, Sending, SentRequest } from '../sender.ts';
import { type ExchangeConnection, PlainExchange } from './plain-exchange.ts';
import type { AnswerHead } from './read-answer-head.ts';
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

/** A request of which nothing has been written yet. */
interface Unsent {
  readonly exchange: PlainExchange;
  readonly head: string;
  readonly body: Buffer | undefined;
}

/**
 * One connection to a server, which has one request under way at most. What the server says unasked ends it.
 *
 * Before it is used again, the event loop turns once: what the server has said or ended by then would otherwise meet the next request, as its answer or its
 * loss. A request that finds its connection gone so goes over a new one. Source: GHSA-35p6-xmwp-9g52.
 */
export class PlainConnection implements ExchangeConnection {
  readonly #socket: Socket;
  readonly #origin: Origin;
  readonly #connecting: NodeJS.Timeout;
  #sending: PlainExchange | undefined;
  #unsent: Unsent | undefined;
  #wasUsed = false;
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
    const exchange = new PlainExchange(this, method, handler);
    this.#begin({ exchange, head, body });
    return exchange;
  }

  #begin(unsent: Unsent): void {
    unsent.exchange.connection = this;
    this.#socket.ref();
    if (this.#wasUsed) {
      this.#unsent = unsent;
      setImmediate(this.#turn);
    } else this.#write(unsent);
  }

  /** What this turn knows of the socket may be older than the request; what the next one knows is not. */
  readonly #turn = (): void => {
    setImmediate(this.#writeUnsent);
  };

  readonly #writeUnsent = (): void => {
    if (this.#unsent) this.#write(this.#unsent);
  };

  #write({ exchange, head, body }: Unsent): void {
    const socket = this.#socket;
    this.#wasUsed = true;
    this.#unsent = undefined;
    this.#sending = exchange;
    if (!body) socket.write(head, 'latin1');
    else if (body.length < TEXT_BELOW_BYTES) socket.write(head + body.toString('latin1'), 'latin1');
    else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
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
    // Its reader may have paused it with the last piece.
    this.#socket.resume();
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
    else this.#lost(otherSideClosed());
  };

  readonly #onEnd = (): void => this.#lost(otherSideClosed());

  readonly #onError = (error: Error): void => this.#lost(error);

  #lost(error: Error): void {
    clearTimeout(this.#connecting);
    this.#socket.destroy();
    this.usableUntil = 0;
    const sending = this.#sending;
    const unsent = this.#unsent;
    this.#sending = undefined;
    this.#unsent = undefined;
    sending?.fail(error);
    if (unsent && !unsent.exchange.isOver) new PlainConnection(this.#origin).#begin(unsent);
  }
}

/** As undici says it, which reads what comes over TLS. */
function otherSideClosed(): Error {
  return Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
}

function connectTimeout(): Error {
  return Object.assign(new Error(`no connection within ${CONNECT_MS / 1_000} s`), { code: 'UND_ERR_CONNECT_TIMEOUT' });
}
