import type { Bytes } from '../protocol/frame/write-frame.ts';
import type { RpcError } from '../protocol/rpc-error.ts';
import type { RequestWire } from '../session/answer-request.ts';
import { EventStream } from '../transport/event-stream.ts';
import { jsonAnswer } from '../transport/http-answer.ts';
import type { HttpResponse } from '../transport/http-contract.ts';
import type { KeepAlive, KeptAlive } from '../transport/keep-alive.ts';
import { whenOver } from '../transport/when-over.ts';
import { writeAnswerAtTurnEnd } from '../transport/write-answer-at-turn-end.ts';

/** What a client takes for an answer. */
export interface Accepted {
  readonly json: boolean;
  readonly stream: boolean;
}

export interface ReplyOptions {
  readonly response: HttpResponse;
  readonly accepted: Accepted;
  readonly headers: Readonly<Record<string, string>>;
  readonly keepAlive: KeepAlive;
  /** The HTTP status of an answer in one piece. */
  readonly statusOf: (error: RpcError) => number;
}

/**
 * The HTTP answer to one modern request: in one piece where nothing has to be told before it, else a stream of events. An
 * exchange that takes longer becomes a stream as well, so that no proxy closes the connection as idle. After its end, and once
 * the client has gone, it takes nothing more.
 */
export class Reply implements RequestWire, KeptAlive {
  readonly #options: ReplyOptions;
  #place: number | undefined;
  #stream: EventStream | undefined;
  #isOver = false;

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.#place = options.keepAlive.add(this);
    whenOver(options.response, () => this.#over());
  }

  send(frame: Bytes, isOptional: boolean): void {
    if (this.#isOver || !this.#options.accepted.stream) return;
    const stream = this.#open();
    if (!isOptional || !stream.leavesOut()) stream.event(frame);
  }

  end(frame: Bytes | undefined, error?: RpcError): void {
    const { response, accepted, headers, statusOf } = this.#options;
    if (this.#isOver) return;
    this.#over();
    if (!this.#stream && frame && accepted.json) {
      const status = error ? statusOf(error) : 200;
      const seconds = status === 429 ? error?.text.object('data')?.value('retryAfterSeconds') : undefined;
      const more = seconds === undefined ? headers : { ...headers, 'retry-after': String(seconds) };
      writeAnswerAtTurnEnd(response, jsonAnswer(status, frame), more);
      return;
    }
    const stream = this.#open();
    if (frame) stream.event(frame);
    stream.end();
  }

  sign(): void {
    if (!this.#isOver && this.#options.accepted.stream) this.#open().text(': keepalive\n\n');
  }

  #over(): void {
    this.#isOver = true;
    if (this.#place !== undefined) this.#options.keepAlive.delete(this.#place);
    this.#place = undefined;
  }

  #open(): EventStream {
    this.#stream ??= new EventStream(this.#options.response, this.#options.headers);
    return this.#stream;
  }
}
