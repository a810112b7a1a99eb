import { type Bytes, writeError } from '../protocol/frame/write-frame.ts';
import type { EventStream } from '../transport/event-stream.ts';
import { endedRequest } from './ended-requests.ts';
import type { StreamLog } from './stream-log.ts';

/** How long a client should wait before it resumes a stream, in milliseconds. */
const RETRY_MS = 1_000;

/** Connections that a client may keep open beside the one that is written to. */
const OTHERS_AT_MOST = 3;

/** What a client is told that comes back for an answer of which nothing is left. */
const NOT_KEPT = endedRequest(
  'The stream broke before this answer was read, and the answer is no longer kept: the last 1,000 events of a session are, at most 4 MiB of them. The request was answered; ask again what may be done twice.',
);

/**
 * A stream of one session that outlives the connections it is read on. A client may have several open (MCP specification 2025-11-25,
 * "Multiple Connections"); each event goes to the newest alone. The others stay open while that is, since a client whose connection
 * is ended comes back on a new one, and would end the newest in turn. Once the newest has ended the others are ended as well: whether
 * anybody still reads them is not known, and who does comes back.
 */
export class ResumableStream {
  readonly id: string;
  readonly #log: StreamLog;
  readonly #request: Buffer | undefined;
  #target: EventStream | undefined;
  /** Other connections of its client, the newest last. */
  #others: readonly EventStream[] = [];
  #wasRead = false;
  #isEnded = false;
  #dropped = 0;
  /** The event with which it ended. */
  #answer: string | undefined;

  /** @param request - JSON of the id of the one request that it answers; none where it answers several, or none. */
  constructor(id: string, log: StreamLog, request?: Buffer) {
    this.id = id;
    this.#log = log;
    this.#request = request;
  }

  /** Whether a client reads it now. */
  get isRead(): boolean {
    return this.#target !== undefined;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether nothing is left to tell a client that has seen this event. */
  isOver(lastEventId: string): boolean {
    if (!this.#isEnded || this.#log.after(lastEventId).length > 0) return false;
    return !this.#request || this.#answer === undefined || this.#answer === lastEventId;
  }

  /** Notifications that were dropped because the client read too slowly. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * A client reads it on this connection from now on.
   *
   * @param primes - Whether the client understands an event without data, which gives it an id to resume after.
   */
  attach(target: EventStream, primes: boolean): void {
    this.#take(target);
    this.#wasRead = true;
    if (primes) this.#prime(target);
  }

  /**
   * The client goes on after an event that it has seen. What it missed is told again; where that is nothing, it is given an id all
   * the same: clients go on after what came on their last connection, and know of none before it. Where the answer is no longer
   * kept, it is told so.
   *
   * @param primes - As for `attach`.
   */
  resume(target: EventStream, lastEventId: string, primes: boolean): void {
    this.#take(target);
    const missed = this.#log.after(lastEventId);
    for (const { frame, id } of missed) target.event([frame], id);
    if (this.#isEnded) {
      const answer = this.#answer;
      // A call that was cancelled has ended without one.
      if (this.#request && answer !== undefined && answer !== lastEventId && answer !== missed.at(-1)?.id)
        target.event(writeError(this.#request, NOT_KEPT.text), answer);
      this.#finish();
    } else if (primes && missed.length === 0) this.#prime(target);
  }

  /** A connection that it was read on has ended. */
  detach(target: EventStream): void {
    if (this.#target === target) this.#finish();
    else this.#others = this.#others.filter((other) => other !== target);
  }

  /** Sends a frame; where nobody reads it now, keeps it for one who has read it before. */
  send(frame: Bytes, isOptional: boolean): void {
    if (!this.#wasRead || this.#isEnded) return;
    if (isOptional && this.#target?.leavesOut()) {
      this.#dropped++;
      return;
    }
    this.#append(frame);
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
    if (frame && this.#wasRead && !this.#isEnded) this.#answer = this.#append(frame);
    this.#isEnded = true;
    this.#finish();
  }

  #append(frame: Bytes): string {
    const id = this.#log.append(this.id, frame);
    this.#target?.event(frame, id);
    return id;
  }

  #prime(target: EventStream): void {
    target.text(`id: ${this.#log.nextId(this.id)}\nretry: ${RETRY_MS}\ndata: \n\n`);
  }

  #take(target: EventStream): void {
    const others = [...this.#others, ...(this.#target ? [this.#target] : [])].filter((other) => other !== target);
    if (others.length > OTHERS_AT_MOST) others.shift()?.end();
    this.#others = others;
    this.#target = target;
  }

  #finish(): void {
    this.#target?.end();
    for (const other of this.#others) other.end();
    this.#target = undefined;
    this.#others = [];
  }
}
