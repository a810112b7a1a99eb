import type { IncomingHttpHeaders } from 'node:http';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import { Slots } from '../protocol/slots.ts';
import { EventReader } from './event-reader.ts';
import { type HttpClient, type HttpHandler, openHttpClient, STANDARD_HEADERS } from './http-client.ts';
import { MAX_LINE_BYTES } from './line-reader.ts';
import { Reconnection } from './reconnection.ts';
import type { LinkEvents, ServerLink, Ticket } from './server-link.ts';

/** How much of a refusal's body is kept. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** How long the first request of a session waits for the stream on which the server may ask something because of it. */
const LISTENING_MS = 250;

/** How long the end of a session may take to be said. */
const GOODBYE_MS = 1_000;

/** Streamable HTTP: a POST for each frame, whose answer is one frame or a stream of events. */
export class HttpLink implements ServerLink {
  readonly ownStreams = true;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #open = new Slots<() => void>();
  #client: HttpClient | undefined;
  #events: LinkEvents | undefined;
  #session: Record<string, string> = {};
  #listening: Reconnection | undefined;
  #isClosed = false;

  constructor(url: URL, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#headers = {
      ...STANDARD_HEADERS,
      ...Object.fromEntries(lowerCase),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
  }

  /** Whether requests carry the id of a session, which a server may have forgotten. */
  get hasSession(): boolean {
    return this.#session['mcp-session-id'] !== undefined;
  }

  async start(events: LinkEvents): Promise<void> {
    this.#events = events;
    this.#client = await openHttpClient();
  }

  send(frame: Bytes, ticket?: Ticket, headers?: Readonly<Record<string, string>>): () => void {
    const client = this.#client;
    if (!client || this.#isClosed) {
      ticket?.failed(new Error('the connection has been closed'), false);
      return () => {};
    }
    const request = {
      method: 'POST',
      headers: { ...this.#headers, ...this.#session, ...headers },
      body: frame,
    } as const;
    const answer = new Answer(
      ticket,
      (received) => this.#keepSession(received),
      (reader) => this.#resume(reader, ticket),
    );
    const abort = client.send(this.#url, request, answer);
    if (answer.isOver) return abort;
    const place = this.#open.add(abort);
    answer.onOver = () => this.#open.remove(place);
    return () => {
      this.#open.remove(place);
      abort();
    };
  }

  settled(version: string, frame: Bytes): Promise<void> {
    this.#session['mcp-protocol-version'] = version;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LISTENING_MS);
    const listen = (): void => this.#listen(resolve);
    const handler = { onHead: () => {}, onData: () => {}, onEnd: listen, onFailure: listen };
    this.#client?.send(
      this.#url,
      { method: 'POST', headers: { ...this.#headers, ...this.#session }, body: frame },
      handler,
    );
    return promise.finally(() => clearTimeout(timer));
  }

  /** Opens the stream of what belongs to no request; many servers have none. */
  #listen(onHead: () => void): void {
    if (this.#isClosed) {
      onHead();
      return;
    }
    this.#listening = this.#stream({
      onFrame: (bytes) => this.#events?.frame(bytes),
      isDone: () => this.#isClosed,
      resumeAfter: undefined,
      onHead,
      onGivenUp: () => {},
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listening?.close();
    for (const end of this.#open.values()) end();
    if (this.hasSession) await this.#sayGoodbye();
    this.#events?.ended('the connection was closed');
  }

  #keepSession(headers: IncomingHttpHeaders): void {
    const id = headers['mcp-session-id'];
    if (typeof id === 'string' && !this.hasSession) this.#session['mcp-session-id'] = id;
  }

  /** A stream that ended before its answer goes on where it can be resumed. */
  #resume(reader: EventReader, ticket: Ticket | undefined): void {
    if (!ticket || ticket.isDone) return;
    if (reader.lastId === '' || this.#isClosed) {
      ticket.failed(new Error('the stream ended before the answer'), true);
      return;
    }
    this.#stream({
      onFrame: (bytes) => ticket.frame(bytes),
      isDone: () => ticket.isDone,
      resumeAfter: reader,
      onGivenUp: (cause) => ticket.failed(cause, true),
    });
  }

  #stream(options: Omit<ConstructorParameters<typeof Reconnection>[0], 'send'>): Reconnection {
    const stream = new Reconnection({
      ...options,
      send: (headers, handler) => {
        const all = { ...this.#headers, ...this.#session, ...headers, accept: 'text/event-stream' };
        return this.#client?.send(this.#url, { method: 'GET', headers: all }, handler) ?? (() => {});
      },
    });
    const place = this.#open.add(() => stream.close());
    stream.onOver = () => this.#open.remove(place);
    stream.open();
    return stream;
  }

  #sayGoodbye(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const headers = { ...this.#headers, ...this.#session };
    const handler = { onHead: () => {}, onData: () => {}, onEnd: resolve, onFailure: () => resolve() };
    const abort = this.#client?.send(this.#url, { method: 'DELETE', headers }, handler);
    const timer = setTimeout(() => {
      abort?.();
      resolve();
    }, GOODBYE_MS);
    return promise.finally(() => clearTimeout(timer));
  }
}

/** Reads the answer to one POST. */
class Answer implements HttpHandler {
  readonly #ticket: Ticket | undefined;
  readonly #onHeaders: (headers: IncomingHttpHeaders) => void;
  readonly #onStreamEnd: (reader: EventReader) => void;
  onOver: () => void = () => {};
  isOver = false;
  #status = 0;
  #reader: EventReader | undefined;
  #isJson = false;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(
    ticket: Ticket | undefined,
    onHeaders: (headers: IncomingHttpHeaders) => void,
    onStreamEnd: (reader: EventReader) => void,
  ) {
    this.#ticket = ticket;
    this.#onHeaders = onHeaders;
    this.#onStreamEnd = onStreamEnd;
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    if (status < 200 || status > 299) return;
    this.#onHeaders(headers);
    const type = headers['content-type'] ?? '';
    this.#isJson = type.startsWith('application/json');
    if (!type.startsWith('text/event-stream')) return;
    this.#reader = new EventReader({
      onEvent: ({ type: kind, data }) => {
        if (kind === 'message' && data.length > 0) this.#ticket?.frame(data);
      },
      onTooLong: (maxBytes) => this.#ticket?.failed(new Error(`an event has more than ${maxBytes} bytes`), true),
    });
  }

  onData(chunk: Buffer): void {
    if (this.#reader) {
      this.#reader.append(chunk);
      return;
    }
    const limit = this.#isJson ? MAX_LINE_BYTES : MAX_REFUSAL_BYTES;
    this.#bytes += chunk.length;
    if (this.#bytes <= limit) this.#chunks.push(chunk);
    else if (this.#isJson) this.#ticket?.failed(new Error(`the answer has more than ${limit} bytes`), true);
  }

  onEnd(): void {
    this.#over();
    const ticket = this.#ticket;
    if (!ticket || ticket.isDone) return;
    if (this.#reader) {
      this.#onStreamEnd(this.#reader);
      return;
    }
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    if (this.#isJson && body.length > 0) ticket.frame(body);
    else ticket.refused({ status: this.#status, body });
  }

  onFailure(cause: Error, reached: boolean): void {
    this.#over();
    const ticket = this.#ticket;
    if (!ticket || ticket.isDone) return;
    if (this.#reader && this.#reader.lastId !== '') this.#onStreamEnd(this.#reader);
    else ticket.failed(cause, reached);
  }

  #over(): void {
    this.isOver = true;
    this.onOver();
  }
}
