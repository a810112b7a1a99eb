import type { IncomingHttpHeaders } from 'node:http';
import type { Bytes } from '../protocol/frame/write-frame.ts';
import { EventReader } from './event-reader.ts';
import { type HttpClient, openHttpClient, STANDARD_HEADERS } from './http-client.ts';
import type { LinkEvents, ServerLink, Ticket } from './server-link.ts';

/** The oldest transport over HTTP: one stream of events down, and a POST for each frame up. Source: MCP 2024-11-05, "Transports". */
export class SseLink implements ServerLink {
  readonly ownStreams = false;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  #client: HttpClient | undefined;
  #endpoint: URL | undefined;
  #events: LinkEvents | undefined;
  #abort: (() => void) | undefined;
  #isClosed = false;

  constructor(url: URL, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = { ...STANDARD_HEADERS, ...headers };
  }

  async start(events: LinkEvents): Promise<void> {
    this.#events = events;
    const client = await openHttpClient();
    this.#client = client;
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    const fail = (cause: Error): void => {
      reject(cause);
      this.#end(cause.message);
    };
    const reader = new EventReader({
      onEvent: ({ type, data }) => {
        if (type === 'endpoint') {
          this.#endpoint = this.#resolve(data.toString('utf8'));
          if (this.#endpoint) resolve();
          else fail(new Error('the server names an address of another host for its messages'));
        } else if (type === 'message') events.frame(data);
      },
      onTooLong: (maxBytes) => fail(new Error(`an event has more than ${maxBytes} bytes`)),
    });
    this.#abort = client.send(
      this.#url,
      { method: 'GET', headers: { ...this.#headers, accept: 'text/event-stream' } },
      {
        onHead: (status: number, headers: IncomingHttpHeaders) => {
          if (status === 200 && headers['content-type']?.startsWith('text/event-stream')) return;
          fail(new Error(`it answered with HTTP status ${status} where a stream of events was expected`));
          this.#abort?.();
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
    let status = 0;
    return client.send(
      endpoint,
      { method: 'POST', headers, body: frame },
      {
        onHead: (received) => {
          status = received;
        },
        onData: () => {},
        onEnd: () => {
          if ((status < 200 || status > 299) && ticket?.isDone === false)
            ticket.refused({ status, body: Buffer.alloc(0) });
        },
        onFailure: (cause, reached) => {
          if (ticket?.isDone === false) ticket.failed(cause, reached);
        },
      },
    );
  }

  async close(): Promise<void> {
    this.#abort?.();
    this.#end('the connection was closed');
  }

  #end(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events?.ended(reason);
  }

  /** Messages go to the host that was configured, wherever the server would have them sent. */
  #resolve(address: string): URL | undefined {
    if (!URL.canParse(address, this.#url)) return undefined;
    const endpoint = new URL(address, this.#url);
    return endpoint.origin === this.#url.origin ? endpoint : undefined;
  }
}
