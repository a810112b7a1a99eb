import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** The body of a request as it comes, bit by bit: Node's own requests, and those that another gateway has passed on. */
export interface BodyStream {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'close' | 'error', listener: () => void): unknown;
}

/** The body of a request that has come whole. */
export interface WholeBody {
  readonly body: Buffer;
}

/** An HTTP request as far as the way of a call reads it. */
export type HttpRequest = (BodyStream | WholeBody) & {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Absent where another gateway has passed the request on. */
  readonly socket?: Socket | undefined;
};

/** One that a client has sent here. */
export type ReceivedRequest = HttpRequest & {
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly socket: Socket;
};

/** An HTTP answer as far as the way of a call writes it; `ServerResponse` is one. */
export interface HttpResponse {
  /** Whether it is over, whole or because the client has gone. */
  readonly destroyed: boolean;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  /** Bytes that the client has not taken yet. */
  readonly writableLength: number;
  writeHead(status: number, headers: Readonly<Record<string, string | number>>): unknown;
  flushHeaders(): void;
  write(chunk: Buffer, done?: () => void): unknown;
  end(): unknown;
  end(chunk: Buffer): unknown;
  end(chunk: string, encoding: 'latin1'): unknown;
  hasHeader(name: string): boolean;
  cork(): void;
  uncork(): void;
  /** Told when it is over. */
  on(event: 'close', listener: () => void): unknown;
  once(event: 'close', listener: () => void): unknown;
  destroy(error?: Error): unknown;
}
