import type { IncomingHttpHeaders } from 'node:http';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import { type Authorizer, authorizedClient } from './authorized-client.ts';
import { Deliveries } from './deliveries.ts';
import type { EventReader } from './event-reader.ts';
import { type HttpClient, openHttpClient, STANDARD_HEADERS } from './http-client.ts';
import { MAX_LINE_BYTES } from './line-reader.ts';
import { tellLongFrame } from './long-frame.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { PostedFrame, type PostOwner } from './posted-frame.ts';
import { Reconnection } from './reconnection.ts';
import { type LinkEvents, type ServerLink, StreamEndedError, type Ticket } from './server-link.ts';

/** How long the first request of a session waits for the stream on which the server may ask something because of it. */
const LISTENING_MS = 250;

/** How long the end of a session may take to be said. */
const GOODBYE_MS = 1_000;

/** Streamable HTTP: a POST for each frame, whose answer is one frame or a stream of events. */
export class HttpLink implements ServerLink {
  readonly ownStreams = true;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #authorizer: Authorizer | undefined;
  readonly #given: HttpClient | undefined;
  readonly #open = new OpenExchanges();
  readonly #deliveries = new Deliveries();
  readonly #owner: PostOwner = {
    onHeaders: (headers) => this.#keepSession(headers),
    resume: (reader, ticket) => this.#resume(reader, ticket),
    isGuest: () => this.#given?.isGuest === true,
  };
  #client: HttpClient | undefined;
  #events: LinkEvents | undefined;
  #session: Record<string, string> = {};
  #listening: Reconnection | undefined;
  #isClosed = false;

  /**
   * @param authorizer - Gives each request its credential. @default what `headers` hold
   * @param client - Sends requests. @default the one of the process
   */
  constructor(url: URL, headers: Readonly<Record<string, string>>, authorizer?: Authorizer, client?: HttpClient) {
    this.#given = client;
    this.#url = url;
    this.#authorizer = authorizer;
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
    const client = this.#given ?? openHttpClient();
    this.#client = this.#authorizer ? authorizedClient(client, this.#authorizer) : client;
  }

  send(frame: Bytes, ticket?: Ticket, headers?: Readonly<Record<string, string>>): () => void {
    const client = this.#client;
    if (!client || this.#isClosed) {
      ticket?.failed(new Error('the connection has been closed'), false);
      return () => {};
    }
    const posted = new PostedFrame(this.#owner, ticket);
    if (ticket) this.#post(client, posted, frame, headers);
    else
      this.#deliveries.add((over) => {
        posted.onOver = over;
        if (this.#isClosed) over();
        else this.#post(client, posted, frame, headers);
      });
    return () => posted.end();
  }

  settled(version: string, frame: Bytes): Promise<void> {
    this.#session['mcp-protocol-version'] = version;
    const { promise, resolve } = Promise.withResolvers<void>();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      resolve();
    }, LISTENING_MS);
    const posted = new PostedFrame(this.#owner, undefined);
    posted.onOver = () =>
      this.#listen((hasGap) => {
        if (isLate || hasGap) this.#events?.missed();
        isLate = false;
        resolve();
      });
    if (this.#client) this.#post(this.#client, posted, frame);
    return promise.finally(() => clearTimeout(timer));
  }

  #post(client: HttpClient, posted: PostedFrame, frame: Bytes, headers?: Readonly<Record<string, string>>): void {
    const all = { ...this.#headers, ...this.#session, ...headers };
    posted.begun(client.send(this.#url, { method: 'POST', headers: all, body: frame }, posted), this.#open);
  }

  /** Opens the stream of what belongs to no request; many servers have none. */
  #listen(onHead: (hasGap: boolean) => void): void {
    if (this.#isClosed) {
      onHead(false);
      return;
    }
    const tooLong = (maxBytes: number): void => this.#events?.tooLongAsked?.(undefined, maxBytes);
    this.#listening = this.#stream({
      onFrame: (bytes) => this.#events?.frame(bytes),
      onTooLong: tooLong,
      onLongEvent: (begin, end) => {
        if (this.#events && !tellLongFrame(this.#events, begin, end)) tooLong(MAX_LINE_BYTES);
      },
      isDone: () => this.#isClosed,
      resumeAfter: undefined,
      onHead,
      onGivenUp: () => {},
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listening?.end();
    this.#open.endAll();
    if (this.hasSession) await this.#sayGoodbye();
    this.#events?.ended('the connection was closed');
  }

  #keepSession(headers: IncomingHttpHeaders): void {
    const id = headers['mcp-session-id'];
    if (typeof id === 'string' && !this.hasSession) this.#session['mcp-session-id'] = id;
  }

  /** A stream that ended before its answer goes on where it can be resumed. */
  #resume(reader: EventReader, ticket: Ticket): Reconnection | undefined {
    if (reader.lastId === '' || this.#isClosed) {
      ticket.failed(new StreamEndedError(), true);
      return undefined;
    }
    return this.#stream({
      onFrame: (bytes) => ticket.event(bytes),
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
    const place = this.#open.add(stream);
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
