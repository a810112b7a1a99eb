import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';
import { whole } from '../transport/join-parts.ts';

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
export class StreamLog {
  #events: LoggedEvent[] = [];
  #bytes = 0;
  #count = 0;

  /** Keeps an event, and answers the id it is sent with: the stream's and a number that no other event of the session has. */
  append(stream: string, frame: Bytes): string {
    const id = this.nextId(stream);
    const byteLength = byteLengthOf(frame);
    // The bytes are kept beyond the chunk that they came in.
    this.#events.push({ stream, id, frame: Buffer.from(whole(frame)) });
    this.#bytes += byteLength;
    while (this.#bytes > MAX_BYTES || this.#events.length > MAX_EVENTS) {
      this.#bytes -= this.#events.shift()?.frame.byteLength ?? 0;
    }
    return id;
  }

  /** An id for an event that need not be kept. */
  nextId(stream: string): string {
    return `${stream}_${++this.#count}`;
  }

  /** The stream of an event id; undefined for an id that was never given. */
  streamOf(eventId: string): string | undefined {
    const match = /^([a-z0-9]{1,32})_(\d{1,15})$/.exec(eventId);
    return match && Number(match[2]) <= this.#count ? match[1] : undefined;
  }

  /** Nothing that came until now can be resumed any more. */
  clear(): void {
    this.#events = [];
    this.#bytes = 0;
  }

  /** What came on the same stream after an event. */
  after(eventId: string): readonly LoggedEvent[] {
    const stream = this.streamOf(eventId);
    const last = numberOf(eventId);
    return this.#events.filter((event) => event.stream === stream && numberOf(event.id) > last);
  }
}

function numberOf(eventId: string): number {
  return Number(eventId.slice(eventId.indexOf('_') + 1));
}
