import type { IncomingHttpHeaders } from 'node:http';
import { DiagnosedError, isDiagnosed } from '../diagnosis.ts';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import { refusedStatus } from '../refused-status.ts';
import { type Authorizer, authorizedClient } from './authorized-client.ts';
import { EventReader } from './event-reader.ts';
import { type HttpClient, type HttpHandler, openHttpClient, STANDARD_HEADERS } from './http-client.ts';
import { MAX_LINE_BYTES, SEND_LESS } from './line-reader.ts';
import { tellLongFrame } from './long-frame.ts';
import { mediaType } from './media-type.ts';
import { DELIVERY_SECONDS, OpenExchanges, PostedExchange, REST_SECONDS } from './open-exchanges.ts';
import { refusalHints } from './refusal-hints.ts';
import type { LinkEvents, ServerLink, Ticket } from './server-link.ts';

/** How much of what comes on a POST is read, so that its connection can be kept; nothing of it is of use. */
const MAX_READ_BYTES = 64 * 1024;

/** The oldest transport over HTTP: one stream of events down, and a POST for each frame up. Source: MCP 2024-11-05, "Transports". */
export class SseLink implements ServerLink {
  readonly ownStreams = false;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #authorizer: Authorizer | undefined;
  readonly #open = new OpenExchanges();
  #client: HttpClient | undefined;
  #endpoint: URL | undefined;
  #events: LinkEvents | undefined;
  #abort: (() => void) | undefined;
  #isClosed = false;

  /** @param authorizer - Gives each request its credential. @default what `headers` hold */
  constructor(url: URL, headers: Readonly<Record<string, string>>, authorizer?: Authorizer) {
    this.#url = url;
    this.#authorizer = authorizer;
    this.#headers = { ...STANDARD_HEADERS, ...headers };
  }

  async start(events: LinkEvents): Promise<void> {
    this.#events = events;
    const opened = openHttpClient();
    const client = this.#authorizer ? authorizedClient(opened, this.#authorizer) : opened;
    this.#client = client;
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    const fail = (cause: Error): void => {
      reject(cause);
      this.#end(cause);
    };
    const tooLong = (maxBytes: number): void =>
      fail(new Error(`an event has more than ${maxBytes} bytes, the most of a message; ${SEND_LESS}`));
    const reader = new EventReader({
      onEvent: ({ type, data }) => {
        if (type === 'endpoint') {
          this.#endpoint = this.#resolve(data.toString('utf8'));
          if (this.#endpoint) resolve();
          else fail(new Error('the server names an address of another host for its messages'));
        } else if (type === 'message') events.frame(data);
      },
      onTooLong: tooLong,
      onLongEvent: (begin, end) => {
        if (!tellLongFrame(events, begin, end)) tooLong(MAX_LINE_BYTES);
      },
    });
    this.#abort = client.send(
      this.#url,
      { method: 'GET', headers: { ...this.#headers, accept: 'text/event-stream' } },
      {
        onHead: (status: number, headers: IncomingHttpHeaders) => {
          if (status === 200 && mediaType(headers) === 'text/event-stream') return;
          fail(noStream(status, headers));
        },
        onData: (chunk) => reader.append(chunk),
        onEnd: () => fail(new Error('its stream ended')),
        onFailure: fail,
      },
    );
    await ready;
  }

  send(frame: Bytes, ticket?: Ticket): () => void {
    const { client, endpoint } = { client: this.#client, endpoint: this.#endpoint };
    if (!client || !endpoint || this.#isClosed) {
      ticket?.failed(new Error('the connection has been closed'), false);
      return () => {};
    }
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    const delivery = new Delivery(ticket);
    delivery.begun(client.send(endpoint, { method: 'POST', headers, body: frame }, delivery), this.#open);
    return () => delivery.end();
  }

  async close(): Promise<void> {
    this.#end(new Error('the connection was closed'));
  }

  #end(cause: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#abort?.();
    this.#open.endAll();
    if (isDiagnosed(cause)) this.#events?.ended(cause.problem, cause.remedy);
    else this.#events?.ended(cause.message);
  }

  /** Messages go to the host that was configured, wherever the server would have them sent. */
  #resolve(address: string): URL | undefined {
    if (!URL.canParse(address, this.#url)) return undefined;
    const endpoint = new URL(address, this.#url);
    return endpoint.origin === this.#url.origin ? endpoint : undefined;
  }
}

/** Servers of streamable HTTP refuse the GET, or answer it with something else. */
function noStream(status: number, headers: IncomingHttpHeaders): DiagnosedError {
  const isOtherTransport = status < 300 || [400, 404, 405, 406, 415].includes(status);
  const { meaning, remedy } = refusedStatus(status, refusalHints({ status, headers, body: Buffer.alloc(0) }));
  const problem = `it answered with HTTP status ${status} where a stream of events was expected`;
  return isOtherTransport
    ? new DiagnosedError({
        problem,
        remedy: 'if it is a server of streamable HTTP, leave "type" out; else check "url"',
      })
    : new DiagnosedError({ problem: problem + meaning, remedy });
}

/** One POST, whose answer comes on the stream. */
class Delivery extends PostedExchange implements HttpHandler {
  readonly #ticket: Ticket | undefined;
  #status = 0;
  #bytes = 0;

  constructor(ticket: Ticket | undefined) {
    super();
    this.#ticket = ticket;
  }

  get isWanted(): boolean {
    return this.#status === 0 && this.#ticket?.isDone === false;
  }

  get patience(): number {
    return this.#ticket || this.#status > 0 ? REST_SECONDS : DELIVERY_SECONDS;
  }

  onHead(status: number): void {
    this.#status = status;
    if ((status < 200 || status > 299) && this.#ticket?.isDone === false)
      this.#ticket.refused({ status, body: Buffer.alloc(0) });
  }

  onData(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_READ_BYTES) this.end();
  }

  onEnd(): void {
    this.over();
  }

  onFailure(cause: Error, reached: boolean): void {
    this.over();
    if (this.#ticket?.isDone === false) this.#ticket.failed(cause, reached);
  }
}
