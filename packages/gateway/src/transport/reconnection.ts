import type { IncomingHttpHeaders } from 'node:http';
import { EventReader } from './event-reader.ts';
import type { HttpHandler } from './http-client.ts';
import { tooLongAnswer } from './line-reader.ts';
import { mediaType } from './media-type.ts';
import { type OpenExchange, REST_SECONDS } from './open-exchanges.ts';
import { TooLongAnswerError } from './server-link.ts';

/** The pause before a stream is opened again where the server does not say; doubled while it does not come up. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/** The least pause, whatever the server says; doubled after each stream that told nothing, until it is the longest of its kind. */
const LEAST_PAUSE_MS = 100;
const MAX_LEAST_PAUSE_MS = 5_000;

/** Attempts in a row after which a request's own stream is given up. */
const MAX_ATTEMPTS = 5;

export interface ReconnectionOptions {
  readonly send: (headers: Readonly<Record<string, string>>, handler: HttpHandler) => () => void;
  readonly onFrame: (bytes: Buffer) => void;
  /** An event is too long, and is passed over; `onLongEvent` as for an `EventReader`. @default the stream is given up */
  readonly onTooLong?: (maxBytes: number) => void;
  readonly onLongEvent?: (begin: Buffer, end: Buffer) => void;
  /** Whether nothing more is wanted of it. */
  readonly isDone: () => boolean;
  /** The stream that it goes on with; undefined for the stream of what belongs to no request. */
  readonly resumeAfter: EventReader | undefined;
  /**
   * The server has begun to answer, whatever it says.
   *
   * @param hasGap - Whether there was a stream before, and this one cannot say what came in between.
   */
  readonly onHead?: (hasGap: boolean) => void;
  /** The server does not give the stream; for one that is resumed this is the end of its request. */
  readonly onGivenUp: (cause: Error) => void;
}

/** A stream of events that is opened again where it ended, after the last event that came. Source: MCP 2025-11-25, "Transports". */
export class Reconnection implements HttpHandler, OpenExchange {
  readonly patience: number = REST_SECONDS;
  readonly #options: ReconnectionOptions;
  onOver: () => void = () => {};
  #last: EventReader | undefined;
  #reader: EventReader | undefined;
  #abort: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;
  #wasOpen = false;
  #leastPauseMs = LEAST_PAUSE_MS;
  #isClosed = false;

  constructor(options: ReconnectionOptions) {
    this.#options = options;
    this.#last = options.resumeAfter;
  }

  get isWanted(): boolean {
    return !this.#options.isDone();
  }

  /** Opens it: at once where it is new, after the pause that the server asked for where it goes on. */
  open(): void {
    if (this.#last) this.#again();
    else this.#connect();
  }

  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#abort?.();
    this.onOver();
  }

  onHead(status: number, headers: IncomingHttpHeaders): void {
    this.#options.onHead?.(this.#wasOpen && !this.#last?.lastId);
    if (status !== 200 || mediaType(headers) !== 'text/event-stream') {
      // Many servers have no such stream: 405 and 404 say so for good.
      if (status >= 500 && !this.#options.resumeAfter) {
        this.#abort?.();
        this.#again();
        return;
      }
      this.#giveUp(new Error(`the stream cannot be opened (HTTP status ${status})`));
      return;
    }
    this.#attempts = 0;
    this.#wasOpen = true;
    this.#reader = new EventReader({
      onEvent: ({ type, data }) => {
        if (this.#isClosed || type !== 'message' || data.length === 0) return;
        this.#leastPauseMs = LEAST_PAUSE_MS;
        this.#options.onFrame(data);
        if (this.#options.isDone()) this.end();
      },
      onTooLong: (maxBytes) => {
        if (this.#options.onTooLong) this.#options.onTooLong(maxBytes);
        else this.#giveUp(new TooLongAnswerError(tooLongAnswer('An event of it', maxBytes)));
      },
      onLongEvent: this.#options.onLongEvent,
    });
  }

  onData(chunk: Buffer): void {
    this.#reader?.append(chunk);
  }

  onEnd(): void {
    this.#again();
  }

  onFailure(cause: Error, reached: boolean): void {
    // Where nobody listens any more, nobody works on the request either.
    if (!reached && this.#options.resumeAfter) this.#giveUp(cause);
    else this.#again();
  }

  #connect(): void {
    if (this.#isClosed) return;
    const lastId = this.#last?.lastId ?? '';
    this.#abort = this.#options.send(lastId === '' ? {} : { 'last-event-id': lastId }, this);
  }

  #again(): void {
    if (this.#isClosed || this.#options.isDone()) {
      this.end();
      return;
    }
    if (this.#reader && this.#reader.lastId !== '') this.#last = this.#reader;
    const asked = this.#last?.retryMs ?? this.#reader?.retryMs;
    this.#reader = undefined;
    if (this.#attempts++ >= MAX_ATTEMPTS && this.#options.resumeAfter) {
      this.#giveUp(new Error('the stream ended before the answer and could not be resumed'));
      return;
    }
    const pauseMs = Math.max(asked ?? FIRST_PAUSE_MS * 2 ** (this.#attempts - 1), this.#leastPauseMs);
    this.#leastPauseMs = Math.min(this.#leastPauseMs * 2, MAX_LEAST_PAUSE_MS);
    this.#timer = setTimeout(() => this.#connect(), Math.min(pauseMs, MAX_PAUSE_MS));
    this.#timer.unref();
  }

  #giveUp(cause: Error): void {
    if (this.#isClosed) return;
    this.end();
    this.#options.onGivenUp(cause);
  }
}
