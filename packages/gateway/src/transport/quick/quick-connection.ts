import type { Socket } from 'node:net';
import { Chunks } from '../chunks.ts';
import type { ReceivedRequest } from '../http-contract.ts';
import { HeadReader, type QuickHead } from './head-reader.ts';
import { QuickResponse, type QuickWire } from './quick-response.ts';

/** The rest of a longer body is left to Node. */
const LONGEST_AWAITED_BYTES = 1_048_576;

/** What is read of a client that does not wait for its answer. */
const MOST_UNREAD_BYTES = 65_536;

/** So many ticks a request may take to come whole, and a first one to begin, before the connection is left to Node and its time limits. */
const AWAITED_TICKS = 1;

/** What Node answers to a request that ends in the middle. */
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';

/** What a connection needs of those that it belongs to. */
export interface ConnectionOwner {
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  /** How often all connections have been looked after. */
  readonly ticks: number;
  /** So many ticks a connection may be idle. */
  readonly idleTicks: number;
  /** The lines of an answer's head that say what becomes of its connection. */
  readonly connectionLines: (isLast: boolean) => string;
  /** Whether each answer is the last of its connection. */
  readonly asksToGo: boolean;
  readonly serve: (request: ReceivedRequest, response: QuickResponse) => void;
  /** Leaves a connection to Node, with what has been read of it. */
  readonly handOver: (socket: Socket, unread: Buffer) => void;
  readonly gone: (connection: QuickConnection) => void;
}

/** One connection, as long as what comes on it is read here: one request after the other, the next when the last has been answered. */
export class QuickConnection implements QuickWire {
  readonly socket: Socket;
  readonly #owner: ConnectionOwner;
  /** Of the request that is being answered. */
  #response: QuickResponse | undefined;
  /** Of a request whose body has not come whole. */
  #head: QuickHead | undefined;
  /** What has come of that request, or behind the one that is being answered. */
  readonly #unread = new Chunks();
  readonly #heads: HeadReader;
  #hasAnswered = false;
  #isReading = false;
  #isLast = false;
  /** The tick in which it began, or its last request began or was answered. */
  #since: number;

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.socket = socket;
    this.#owner = owner;
    this.#heads = new HeadReader(owner.maxHeaderBytes);
    this.#since = owner.ticks;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', onError);
    socket.on('close', this.#onClose);
  }

  /** Whether a request has been answered, and none has begun since. */
  get isIdle(): boolean {
    return this.#hasAnswered && !this.#response && !this.#head;
  }

  /** To be called in each tick: ends what was idle for too long, and leaves to Node what has not begun or not gone on. */
  look(): void {
    if (this.#response) return;
    const waited = this.#owner.ticks - this.#since;
    const { isIdle } = this;
    if (waited <= (isIdle ? this.#owner.idleTicks : AWAITED_TICKS)) return;
    if (isIdle || this.socket.writableEnded) this.socket.destroy();
    else this.#handOver(this.#unread.take());
  }

  connectionLines(isLast: boolean): string {
    this.#isLast = isLast || this.#owner.asksToGo;
    return this.#owner.connectionLines(this.#isLast);
  }

  answered(response: QuickResponse): void {
    const { socket } = this;
    if (socket.writableLength === 0) this.#over(response);
    else socket.write('', () => this.#over(response));
  }

  #over(response: QuickResponse): void {
    if (this.#response !== response) return;
    this.#response = undefined;
    this.#hasAnswered = true;
    this.#since = this.#owner.ticks;
    response.over();
    const { socket } = this;
    if (this.#isLast) socket.destroySoon();
    else if (socket.isPaused()) socket.resume();
    if (!this.#isReading) this.#read(this.#unread.take());
  }

  readonly #onData = (chunk: Buffer): void => {
    const head = this.#head;
    if (!head && !this.#response) {
      this.#read(chunk);
      return;
    }
    this.#unread.append(chunk);
    if (!head) {
      if (this.#unread.byteLength > MOST_UNREAD_BYTES) this.socket.pause();
    } else if (this.#unread.byteLength >= head.byteLength + head.bodyLength) this.#read(this.#unread.take());
  };

  /** Reads request after request until one is not answered at once, or not whole. */
  #read(bytes: Buffer): void {
    this.#isReading = true;
    for (let next = bytes; next.length > 0 && !this.socket.writableEnded; next = this.#unread.take()) {
      this.#readOne(next);
      if (this.#response || this.#head) break;
    }
    this.#isReading = false;
  }

  #readOne(bytes: Buffer): void {
    const head = this.#heads.read(bytes);
    if (head && head.bodyLength <= this.#owner.maxBodyBytes) this.#take(head, bytes);
    else this.#handOver(bytes);
  }

  #take(head: QuickHead, bytes: Buffer): void {
    const start = head.byteLength;
    const end = start + head.bodyLength;
    const isWhole = bytes.length >= end;
    if (!isWhole && head.bodyLength > LONGEST_AWAITED_BYTES) {
      this.#handOver(bytes);
      return;
    }
    this.#head = isWhole ? undefined : head;
    this.#unread.append(isWhole ? bytes.subarray(end) : bytes);
    if (isWhole) this.#serve(head, bytes.subarray(start, end));
    else this.#since = this.#owner.ticks;
  }

  #serve(head: QuickHead, body: Buffer): void {
    const { url, headers, rawHeaders } = head;
    const { socket } = this;
    this.#response = new QuickResponse(this);
    this.#owner.serve({ method: 'POST', url, headers, rawHeaders, socket, body }, this.#response);
  }

  #handOver(unread: Buffer): void {
    const { socket } = this;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', onError);
    socket.off('close', this.#onClose);
    this.#owner.gone(this);
    this.#owner.handOver(socket, unread);
  }

  /** A client that sends no more has gone, for Node and so for a modern call; and a request that is not whole is none. */
  readonly #onEnd = (): void => {
    this.socket.end(this.#head ? BAD_REQUEST : '');
    this.#head = undefined;
  };

  readonly #onClose = (): void => {
    this.#owner.gone(this);
    this.#response?.over();
    this.#response = undefined;
  };
}

/** What has broken is closed next. */
function onError(): void {}
