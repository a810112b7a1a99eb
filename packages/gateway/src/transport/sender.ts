import type { IncomingHttpHeaders } from 'node:http';

/** A request as it is sent. */
export interface SentRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** Told what comes back, in this order, as it came; exactly one of `onEnd` and `onError` is last, and nothing is told after an abort. Must not throw. */
export interface AnswerHandler {
  /** Not for what only announces an answer (1xx). */
  onHead(status: number, headers: IncomingHttpHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** A request under way. */
export interface Sending {
  abort(): void;
  /** Reads no more until `resume`. */
  pause(): void;
  resume(): void;
}

/** One way of sending requests. */
export interface Sender {
  send(url: URL, request: SentRequest, handler: AnswerHandler): Sending;
}
