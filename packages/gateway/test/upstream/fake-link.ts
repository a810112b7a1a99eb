import type { Bytes } from '../../src/protocol/frame/write-frame.ts';
import type { JsonObject } from '../../src/protocol/message.ts';
import type { LinkEvents, ServerLink, Ticket } from '../../src/transport/server-link.ts';

/** A frame that was sent. */
export interface SentFrame {
  readonly text: string;
  readonly frame: {
    readonly id?: number;
    readonly method?: string;
    readonly params?: JsonObject;
    readonly result?: unknown;
  };
  readonly ticket: Ticket | undefined;
  readonly headers: Readonly<Record<string, string>>;
  aborted: boolean;
}

/** A link whose other end is the test. */
export class FakeLink implements ServerLink {
  readonly ownStreams: boolean;
  readonly hasSession = true;
  readonly sent: SentFrame[] = [];
  events: LinkEvents | undefined;
  closed = false;
  /** Answers a request at once with JSON of a result; undefined leaves it open. */
  answer: (method: string, params: JsonObject) => string | undefined = () => undefined;

  constructor(ownStreams = false) {
    this.ownStreams = ownStreams;
  }

  async start(events: LinkEvents): Promise<void> {
    this.events = events;
  }

  send(bytes: Bytes, ticket?: Ticket, headers: Readonly<Record<string, string>> = {}): () => void {
    const text = Buffer.concat(bytes).toString();
    const sent: SentFrame = { text, frame: JSON.parse(text), ticket, headers, aborted: false };
    this.sent.push(sent);
    const { id, method, params = {} } = sent.frame;
    const result = method !== undefined && id !== undefined ? this.answer(method, params) : undefined;
    if (result !== undefined) queueMicrotask(() => this.write(`{"jsonrpc":"2.0","id":${id},${result}}`));
    return () => {
      sent.aborted = true;
    };
  }

  /** Writes a frame that arrives on no request's own stream. */
  write(frame: string): void {
    this.events?.frame(Buffer.from(frame));
  }

  /** The last request of this method. */
  request(method: string): SentFrame & { readonly id: number } {
    const found = this.sent.findLast((sent) => sent.frame.method === method);
    if (found?.frame.id === undefined) throw new Error(`no request of ${method} was sent`);
    return Object.assign(found, { id: found.frame.id });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.events?.ended('the connection was closed');
  }
}
