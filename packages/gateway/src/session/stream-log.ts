import { ceilingReached } from '../ceilings.ts';
import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';
import { inOwnMemory } from '../transport/join-parts.ts';
import { partsOfEventId } from './event-id.ts';
import { type RoomTaker, StreamLogRoom } from './stream-log-room.ts';

/** What is kept of one session's streams so that they can be resumed; the oldest events go first. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_EVENTS = 1_000;

/** One event that was sent, or would have been. */
export interface LoggedEvent {
  readonly stream: string;
  readonly id: string;
  readonly frame: Buffer;
}

/** The last events of all streams of one session. Source: MCP specification 2025-11-25, "Transports", resumability. */
export class StreamLog implements RoomTaker {
  readonly #room: StreamLogRoom;
  #events: LoggedEvent[] = [];
  #bytes = 0;
  #count = 0;
  #isClosed = false;

  /** @param room - Shared by the logs of one gateway. @default one of its own */
  constructor(room: StreamLogRoom = new StreamLogRoom()) {
    this.#room = room;
    room.enter(this);
  }

  /** Keeps an event, and answers the id it is sent with: the stream's and a number that no other event of the session has. */
  append(stream: string, frame: Bytes): string {
    const id = this.nextId(stream);
    if (this.#isClosed) return id;
    const byteLength = byteLengthOf(frame);
    this.#events.push({ stream, id, frame: inOwnMemory(frame, byteLength) });
    this.#add(byteLength);
    while (this.#bytes > MAX_BYTES || this.#events.length > MAX_EVENTS) this.dropOldest();
    if (this.#room.isFull) {
      ceilingReached('kept-events');
      this.#room.makeRoom();
    }
    return id;
  }

  get byteLength(): number {
    return this.#bytes;
  }

  /** An id for an event that need not be kept. */
  nextId(stream: string): string {
    return `${stream}_${++this.#count}`;
  }

  /** The stream of an event id; undefined for an id that was never given. */
  streamOf(eventId: string): string | undefined {
    const parts = partsOfEventId(eventId);
    return parts && parts.number <= this.#count ? parts.stream : undefined;
  }

  /** The streams of which events are kept. */
  get streams(): ReadonlySet<string> {
    return new Set(this.#events.map(({ stream }) => stream));
  }

  /** Nothing that came until now can be resumed any more. */
  clear(): void {
    this.#events = [];
    this.#add(-this.#bytes);
  }

  /** As `clear`, and nothing more is kept. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.clear();
    this.#room.leave(this);
  }

  /** What came on the same stream after an event. */
  after(eventId: string): readonly LoggedEvent[] {
    const stream = this.streamOf(eventId);
    const last = numberOf(eventId);
    return this.#events.filter((event) => event.stream === stream && numberOf(event.id) > last);
  }

  dropOldest(): void {
    this.#add(-(this.#events.shift()?.frame.byteLength ?? 0));
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    this.#room.add(bytes);
  }
}

function numberOf(eventId: string): number {
  return partsOfEventId(eventId)?.number ?? 0;
}
