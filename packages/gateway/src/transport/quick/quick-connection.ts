import type { Socket } from 'node:net';
import type { ReceivedRequest } from '../http-contract.ts';
import { QuickResponse, type QuickWire } from './quick-response.ts';
import { type QuickHead, readHead } from './read-head.ts';

/** A longer body is left to Node unless it has come whole. */
const LONGEST_AWAITED_BYTES = 65_536;

/** So many pieces of a body are waited for. */
const MOST_PIECES = 16;

/** What Node answers to a request that ends in the middle. */
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';

/** What a connection needs of the door that it came through. */
export interface ConnectionOwner {
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  /** Whether each answer is the last of its connection. */
  readonly asksToGo: boolean;
  /** How often the door has looked after its connections. */
  readonly ticks: number;
  readonly idleTicks: number;
  readonly connectionLines: string;
  serve(request: ReceivedRequest, response: QuickResponse): void;
  /** Leaves it to Node, with what has been read of it. */
  handOver(socket: Socket, unread: Buffer | undefined): void;
  gone(connection: QuickConnection): void;
}

/** One connection as long as what comes on it is read here. */
export class QuickConnection implements QuickWire {
  readonly socket: Socket;
  readonly #owner: ConnectionOwner;
  #response: QuickResponse | undefined;
  /** Bytes of a request that is not whole, or that came before the one before it was answered. */
  #kept: Buffer | undefined;
  #pieces = 0;
  #last: QuickHead | undefined;
  #hasAnswered = false;
  #isLast = false;
  /** When it was last heard or answered, in ticks. */
  #since: number;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket;
    this.#owner = owner;
    this.#since = owner.ticks;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', onError);
    socket.on('close', this.#onClose);
  }

  get isIdle(): boolean {
    return this.#hasAnswered && !this.#response && !this.#kept;
  }

  connectionLines = (): string => {
    this.#isLast = this.#owner.asksToGo;
    return this.#isLast ? 'Connection: close\r\n' : this.#owner.connectionLines;
  };

  /** Ends it where it was idle for too long; leaves it to Node where it has begun something and not gone on. */
  look(): void {
    if (this.#response) return;
    const waited = this.#owner.ticks - this.#since;
    if (this.isIdle) {
      if (waited > this.#owner.idleTicks) this.socket.destroy();
    } else if (waited > 1) this.#handOver(this.#kept);
  }

  answered = (response: QuickResponse): void => {
    const { socket } = this;
    if (socket.writableLength === 0 || socket.destroyed) this.#over(response);
    else socket.write('', () => this.#over(response));
  };

  #over(response: QuickResponse): void {
    if (this.#response !== response) return;
    this.#response = undefined;
    this.#hasAnswered = true;
    this.#since = this.#owner.ticks;
    response.over();
    const kept = this.#kept;
    this.#kept = undefined;
    if (this.#isLast) this.socket.destroySoon();
    else if (kept) {
      this.socket.resume();
      this.#read(kept);
    }
  }

  #onData = (chunk: Buffer): void => {
    const kept = this.#kept;
    if (this.#response) {
      this.#kept = kept ? Buffer.concat([kept, chunk]) : chunk;
      this.socket.pause();
      return;
    }
    this.#kept = undefined;
    this.#read(kept ? Buffer.concat([kept, chunk]) : chunk);
  };

  #read(bytes: Buffer): void {
    const owner = this.#owner;
    const head = readHead(bytes, owner.maxHeaderBytes, this.#last);
    if (!head) {
      this.#handOver(bytes);
      return;
    }
    const { bodyLength } = head;
    const start = head.bytes.length;
    const missing = start + bodyLength - bytes.length;
    if (missing > 0) {
      if (bodyLength > LONGEST_AWAITED_BYTES || ++this.#pieces > MOST_PIECES) this.#handOver(bytes);
      else this.#keep(bytes);
      return;
    }
    // Requests that do not wait for answers are rare.
    if (missing < 0 || bodyLength > owner.maxBodyBytes) {
      this.#handOver(bytes);
      return;
    }
    this.#pieces = 0;
    this.#last = head;
    const response = new QuickResponse(this);
    this.#response = response;
    const { url, headers, rawHeaders } = head;
    owner.serve(
      { method: 'POST', url, headers, rawHeaders, socket: this.socket, body: bytes.subarray(start) },
      response,
    );
  }

  #keep(bytes: Buffer): void {
    this.#kept = bytes;
    this.#since = this.#owner.ticks;
  }

  #handOver(unread: Buffer | undefined): void {
    const { socket } = this;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', onError);
    socket.off('close', this.#onClose);
    this.#owner.gone(this);
    this.#owner.handOver(socket, unread);
  }

  #onEnd = (): void => {
    // As with Node: who sends no more has gone, and a request that was not whole is none.
    this.socket.end(this.#kept ? BAD_REQUEST : '');
  };

  #onClose = (): void => {
    this.#owner.gone(this);
    this.#response?.over();
    this.#response = undefined;
  };
}

function onError(): void {}
