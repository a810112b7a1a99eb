import type { Bytes } from '../protocol/frame/write-frame.ts';
import type { RequestWire } from '../session/answer-request.ts';
import type { ResumableStream } from '../session/resumable-stream.ts';
import { EventStream } from '../transport/event-stream.ts';
import { jsonAnswer, writeAnswer } from '../transport/http-answer.ts';
import type { HttpResponse } from '../transport/http-contract.ts';
import type { KeepAlive, KeptAlive } from '../transport/keep-alive.ts';
import { whenOver } from '../transport/when-over.ts';
import { writeAnswerAtTurnEnd } from '../transport/write-answer-at-turn-end.ts';
import type { Accepted } from './reply.ts';

export interface SessionReplyOptions {
  readonly response: HttpResponse;
  readonly accepted: Accepted;
  readonly headers: Readonly<Record<string, string>>;
  readonly keepAlive: KeepAlive;
  readonly openStream: () => ResumableStream;
  /** Whether the client understands an event without data. */
  readonly primes: boolean;
  /** Takes a question where this reply can be no stream. */
  readonly sendElsewhere: (frame: Bytes) => void;
}

/**
 * The HTTP answer to one request of a session: in one piece where nothing has to be told before it, else a stream of events
 * that its client may leave and resume. A client that goes has not cancelled anything. After its end it takes nothing more.
 */
export class SessionReply implements RequestWire, KeptAlive {
  readonly #options: SessionReplyOptions;
  #place: number | undefined;
  #stream: ResumableStream | undefined;
  #isGone: boolean;
  #isOver = false;

  constructor(options: SessionReplyOptions) {
    this.#options = options;
    this.#isGone = options.response.destroyed;
    this.#place = options.keepAlive.add(this);
    whenOver(options.response, () => {
      this.#isGone = true;
      // A stream that may be resumed gets keep-alive comments wherever it is read.
      if (!this.#stream) this.#forget();
    });
  }

  get takesOnlyAnswer(): boolean {
    return !this.#options.accepted.stream;
  }

  get isRead(): boolean {
    if (this.#isOver) return false;
    return this.#stream ? this.#stream.isRead : this.#options.accepted.stream && !this.#isGone;
  }

  send(frame: Bytes, isOptional: boolean): void {
    if (this.#isOver) return;
    const stream = this.#open();
    if (stream) stream.send(frame, isOptional);
    else if (!isOptional) this.#options.sendElsewhere(frame);
  }

  end(frame: Bytes | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { response, accepted, headers } = this.#options;
    this.#forget();
    if (!this.#stream && frame && accepted.json) {
      writeAnswerAtTurnEnd(response, jsonAnswer(200, frame), headers);
      return;
    }
    if (this.#stream || frame) this.#open()?.end(frame);
    else if (!accepted.stream) writeAnswer(response, { status: 202 }, headers);
    else if (!this.#isGone) new EventStream(response, headers).end();
  }

  sign(): void {
    if (!this.#isOver) this.#open()?.sign();
  }

  /** No more keep-alive comments are sent on it. */
  #forget(): void {
    if (this.#place !== undefined) this.#options.keepAlive.delete(this.#place);
    this.#place = undefined;
  }

  #open(): ResumableStream | undefined {
    if (this.#stream) return this.#stream;
    const { accepted, response, headers, openStream, primes } = this.#options;
    if (!accepted.stream || this.#isGone) return undefined;
    const stream = openStream();
    const target = new EventStream(response, headers);
    stream.attach(target, primes);
    whenOver(response, () => stream.detach(target));
    this.#stream = stream;
    return stream;
  }
}
