import type { Bytes } from '../protocol/frame/write-frame.ts';
import type { EventStream } from '../transport/event-stream.ts';
import type { StreamLog } from './stream-log.ts';

/** How long a client should wait before it resumes a stream, in milliseconds. */
const RETRY_MS = 1_000;

/** A stream of one session that outlives the connections it is read on. */
export class ResumableStream {
  readonly id: string;
  readonly #log: StreamLog;
  #target: EventStream | undefined;
  #wasRead = false;
  #isEnded = false;
  #dropped = 0;

  constructor(id: string, log: StreamLog) {
    this.id = id;
    this.#log = log;
  }

  /** Whether a client reads it now. */
  get isRead(): boolean {
    return this.#target !== undefined;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Notifications that were dropped because the client read too slowly. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * A client reads it from now on; one that read it before reads it no longer.
   *
   * @param primes - Whether the client understands an event without data, which gives it an id to resume after.
   */
  attach(target: EventStream, primes: boolean): void {
    if (this.#target && this.#target !== target) this.#target.end();
    this.#target = target;
    this.#wasRead = true;
    if (primes) target.text(`id: ${this.#log.nextId(this.id)}\nretry: ${RETRY_MS}\ndata: \n\n`);
  }

  /** The client goes on after an event that it has seen. */
  resume(target: EventStream, lastEventId: string): void {
    if (this.#target && this.#target !== target) this.#target.end();
    this.#target = target;
    for (const { frame, id } of this.#log.after(lastEventId)) target.event([frame], id);
    if (this.#isEnded) this.#finish();
  }

  /** The connection that it was read on has ended. */
  detach(target: EventStream): void {
    if (this.#target === target) this.#target = undefined;
  }

  /** Sends a frame; where nobody reads it now, keeps it for one who has read it before. */
  send(frame: Bytes, isOptional: boolean): void {
    if (!this.#wasRead || this.#isEnded) return;
    if (isOptional && this.#target?.leavesOut()) {
      this.#dropped++;
      return;
    }
    const id = this.#log.append(this.id, frame);
    this.#target?.event(frame, id);
  }

  sign(): void {
    this.#target?.text(': keepalive\n\n');
  }

  /** Ends the connection that it is read on; its client may come again. */
  cut(): void {
    this.#finish();
  }

  /** Nothing more comes on it. */
  end(frame: Bytes | undefined): void {
    if (frame) this.send(frame, false);
    this.#isEnded = true;
    this.#finish();
  }

  #finish(): void {
    this.#target?.end();
    this.#target = undefined;
  }
}
