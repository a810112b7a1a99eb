import type { IncomingHttpHeaders } from 'node:http';
import { Chunks } from './chunks.ts';
import { EventReader } from './event-reader.ts';
import type { HttpHandler } from './http-client.ts';
import { MAX_LINE_BYTES, tooLongAnswer } from './line-reader.ts';
import { mediaType } from './media-type.ts';
import { DELIVERY_SECONDS, PostedExchange, REST_SECONDS } from './open-exchanges.ts';
import type { Reconnection } from './reconnection.ts';
import { NoAnswerError, type Ticket, TooLongAnswerError } from './server-link.ts';

/** How much of a refusal's body is kept. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** How much is read where nobody waits for an answer any more, so that the connection can be kept. */
const MAX_UNWANTED_BYTES = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/** Who posted a frame. */
export interface PostOwner {
  /** The headers of an answer that is none to be refused. */
  onHeaders(headers: IncomingHttpHeaders): void;
  /** A stream ended before the answer: goes on with it where it can be resumed, or fails its request. */
  resume(reader: EventReader, ticket: Ticket): Reconnection | undefined;
  /** Whether a guest of this process answers. */
  isGuest(): boolean;
}

/** One POST of streamable HTTP, and the reading of its answer: one frame or a stream of events. */
export class PostedFrame extends PostedExchange implements HttpHandler {
  readonly #owner: PostOwner;
  readonly #ticket: Ticket | undefined;
  onOver: (() => void) | undefined;
  #status = 0;
  /** Of a refusal. */
  #headers: IncomingHttpHeaders | undefined;
  #isJson = false;
  #reader: EventReader | undefined;
  #body: Chunks | undefined;
  #unwantedBytes = 0;
  #resumed: Reconnection | undefined;

  constructor(owner: PostOwner, ticket: Ticket | undefined) {
    super();
    this.#owner = owner;
    this.#ticket = ticket;
  }

  get isWanted(): boolean {
    return this.#ticket?.isDone === false;
  }

  get patience(): number {
    return this.#ticket ? REST_SECONDS : DELIVERY_SECONDS;
  }

  override end(): void {
    this.#resumed?.end();
    super.end();
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    if (status < 200 || status > 299) {
      this.#headers = headers;
      return;
    }
    this.#owner.onHeaders(headers);
    const ticket = this.#ticket;
    const type = mediaType(headers);
    this.#isJson = type === 'application/json';
    if (!ticket || type !== 'text/event-stream') return;
    this.#reader = new EventReader({
      onEvent: ({ type: kind, data }) => {
        if (kind === 'message' && data.length > 0 && !this.isOver) ticket.event(data);
      },
      onTooLong: (maxBytes) => this.#tooLong(ticket, tooLongAnswer('An event of it', maxBytes)),
    });
  }

  onData(chunk: Buffer): void {
    const ticket = this.#ticket;
    if (!ticket || ticket.isDone) {
      this.#unwantedBytes += chunk.length;
      // News may follow the answer on its stream; a server that goes on and on is not listened to.
      if (this.#unwantedBytes > MAX_UNWANTED_BYTES) this.end();
      else this.#reader?.append(chunk);
      return;
    }
    if (this.#reader) {
      this.#reader.append(chunk);
      return;
    }
    this.#body ??= new Chunks();
    this.#body.append(chunk);
    const limit = this.#isJson ? MAX_LINE_BYTES : MAX_REFUSAL_BYTES;
    if (this.#body.byteLength <= limit) return;
    if (this.#isJson) {
      this.#tooLong(ticket, tooLongAnswer('It', limit));
      return;
    }
    const body = this.#body.take().subarray(0, limit);
    this.end();
    ticket.refused({ status: this.#status, headers: this.#headers, body, isGuest: this.#owner.isGuest() });
  }

  onEnd(): void {
    const body = this.#body?.take() ?? NOTHING;
    this.over();
    const ticket = this.#ticket;
    if (!ticket || ticket.isDone) return;
    if (this.#reader) {
      this.#resumed = this.#owner.resume(this.#reader, ticket);
      return;
    }
    if (!this.#isJson || body.length === 0) {
      ticket.refused({ status: this.#status, headers: this.#headers, body, isGuest: this.#owner.isGuest() });
      return;
    }
    ticket.frame(body);
    if (!ticket.isDone) ticket.failed(new NoAnswerError('what it answered is no answer to the request'), true);
  }

  onFailure(cause: Error, reached: boolean): void {
    const ticket = this.#ticket;
    const body = this.#body?.take() ?? NOTHING;
    this.over();
    if (!ticket || ticket.isDone) return;
    // That it was refused stands, whatever becomes of the words: componentize-js answers 500 for what is thrown, and does not end it.
    if (this.#status > 299)
      ticket.refused({ status: this.#status, headers: this.#headers, body, isGuest: this.#owner.isGuest() });
    else if (this.#reader && this.#reader.lastId !== '') this.#resumed = this.#owner.resume(this.#reader, ticket);
    else ticket.failed(cause, reached);
  }

  #tooLong(ticket: Ticket, message: string): void {
    this.end();
    if (!ticket.isDone) ticket.failed(new TooLongAnswerError(message), true);
  }

  protected override onceOver(): void {
    this.#body = undefined;
    this.onOver?.();
  }
}
