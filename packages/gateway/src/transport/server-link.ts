import type { IncomingHttpHeaders } from 'node:http';
import type { Bytes } from '../protocol/frame/write-frame.ts';

/** An HTTP answer that is no answer to the request: a status other than 2xx, or 2xx without a frame. */
export interface Refusal {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders | undefined;
  /** The beginning of the body. */
  readonly body: Buffer;
  /** Whether a guest of this process answered it. @default false */
  readonly isGuest?: boolean;
}

/** What came in place of an answer, whole and in order, is none: the server is at fault, not the way to it. */
export class NoAnswerError extends Error {}

/** What came in place of an answer is longer than an answer may be, and was not read to its end. */
export class TooLongAnswerError extends NoAnswerError {}

/** The stream of events on which the answer was to come has ended in order, without one. */
export class StreamEndedError extends Error {
  constructor() {
    super('the stream ended before the answer');
  }
}

/** The guest that was to answer a request has trapped, exited or been ended: its message says how, and may be told. */
export class GuestFailedError extends Error {}

/** A request that waits for its answer. */
export interface Ticket {
  /** Whether nothing more is expected. */
  readonly isDone: boolean;
  /** A frame on the request's own stream: its answer, or something that belongs to it. */
  frame(bytes: Buffer): void;
  /** The same where it is an event, and others may follow whatever it is. */
  event(bytes: Buffer): void;
  refused(refusal: Refusal): void;
  /**
   * No answer will come.
   *
   * @param reached - Whether the server may have received the request.
   */
  failed(cause: Error, reached: boolean): void;
}

/** What a link tells the one who opened it. */
export interface LinkEvents {
  /** What should be a frame arrived on no request's own stream. False where it is none, nor what is left of an answer. */
  frame(bytes: Buffer): boolean;
  /** The answer to the request of this id is too long, and was passed over. */
  tooLong?(id: number, cause: TooLongAnswerError): void;
  /** A request or a notification is too long, and was passed over; its id as it came, where it is known. */
  tooLongAsked?(id: Buffer | undefined, maxBytes: number): void;
  /** Something arrived that is not for the protocol, such as a line on stderr: the server lives. */
  sign(): void;
  /** What belongs to no request had no stream for a while, and has one now: something may not have been told. */
  missed(): void;
  /**
   * The link has ended and takes nothing more.
   *
   * @param remedy - What to do about it, where it can be told.
   */
  ended(reason: string, remedy?: string): void;
}

/** A way to one MCP server: pipes of a program, streamable HTTP, or the oldest HTTP+SSE. It knows frames as bytes only. */
export interface ServerLink {
  /** Whether what belongs to a request arrives on a stream of its own. */
  readonly ownStreams: boolean;
  /** @throws an Error that says why the server cannot be reached. */
  start(events: LinkEvents): Promise<void>;
  /**
   * Sends a frame. The function it answers ends the request's own stream.
   *
   * @param ticket - The request that the frame is; none for notifications and answers.
   */
  send(frame: Bytes, ticket?: Ticket, headers?: Readonly<Record<string, string>>): () => void;
  /**
   * The handshake of a legacy connection is over: what is sent from here on, first of all this frame, names the version.
   * Resolves when the server can ask something on a stream of its own, or does not give one.
   */
  settled?(version: string, frame: Bytes): Promise<void>;
  /** Ends it; resolves when nothing of it is left. */
  close(): Promise<void>;
}
