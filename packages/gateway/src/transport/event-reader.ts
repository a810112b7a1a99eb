import { Chunks } from './chunks.ts';
import { LineReader, MAX_LINE_BYTES } from './line-reader.ts';

/** One event of a stream. Source: HTML, "Server-sent events". */
export interface StreamEvent {
  /** `message` where the stream does not say. */
  readonly type: string;
  readonly data: Buffer;
}

export interface EventReaderOptions {
  readonly onEvent: (event: StreamEvent) => void;
  /** An event, or a line of it, is longer than it may be; nothing of it is kept, and reading goes on with the next. */
  readonly onTooLong: (maxBytes: number) => void;
  /** Told both ends of the data of such an event instead, where they are on one line, once that has ended. @default nobody is told */
  readonly onLongEvent?: ((begin: Buffer, end: Buffer) => void) | undefined;
  /** Limit of an event's data, over all its lines. @default 64 MiB and 64 KiB */
  readonly maxBytes?: number;
}

const COLON = 0x3a;
const SPACE = 0x20;
const DATA = Buffer.from('data:');
const NEWLINE = Buffer.from('\n');

/** Longest name of a field that means anything. */
const LONGEST_FIELD_BYTES = 5;

/** What is kept of an event's name; names that mean something are shorter. */
const MAX_TYPE_BYTES = 256;

/** Longest id to resume after, which has to fit into a header. */
const MAX_ID_BYTES = 4_096;

const TAB = 0x09;
const DELETE = 0x7f;

/** Reads a stream of events as bytes. Data of one line, which is what servers send, is not copied. */
export class EventReader {
  readonly #lines: LineReader;
  readonly #onEvent: (event: StreamEvent) => void;
  readonly #onTooLong: (maxBytes: number) => void;
  readonly #maxBytes: number;
  #data: Buffer | undefined;
  /** All the data so far, where it comes on several lines. */
  #joined: Chunks | undefined;
  #skipsEvent = false;
  #type = '';
  #id = '';
  #lastId = '';
  #retryMs: number | undefined;

  constructor({ onEvent, onTooLong, onLongEvent, maxBytes = MAX_LINE_BYTES }: EventReaderOptions) {
    this.#onEvent = onEvent;
    this.#onTooLong = onTooLong;
    this.#maxBytes = maxBytes;
    this.#lines = new LineReader({
      onLine: (line) => this.#line(line),
      onTooLong: () => this.#tooLong(),
      ...(onLongEvent && { onLongLine: (begin, end) => this.#longLine(begin, end, onLongEvent) }),
      loneCr: true,
      maxBytes,
    });
  }

  /** The id to resume after, of the last event that came whole, as a header carries it: each character is a byte. Empty where there is none. */
  get lastId(): string {
    return this.#lastId;
  }

  /** How long the server asks to wait before a reconnection, in milliseconds. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  append(chunk: Buffer): void {
    this.#lines.append(chunk);
  }

  #line(line: Buffer): void {
    if (line.length === 0) {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(COLON);
    if (colon === 0) return;
    const end = colon === -1 ? line.length : colon;
    if (end > LONGEST_FIELD_BYTES) return;
    const field = line.toString('latin1', 0, end);
    const from = colon === -1 ? line.length : colon + (line[colon + 1] === SPACE ? 2 : 1);
    if (field === 'data') this.#append(line.subarray(from));
    else if (field === 'event') this.#type = line.toString('utf8', from, from + MAX_TYPE_BYTES);
    else if (field === 'id') {
      // After an id that no header can carry nothing can be resumed; after an older one, events would come twice.
      const id = line.subarray(from);
      if (!id.includes(0)) this.#id = fitsHeader(id) ? id.toString('latin1') : '';
    } else if (field === 'retry') {
      const digits = line.toString('latin1', from, from + 10);
      if (/^\d{1,9}$/.test(digits)) this.#retryMs = Number(digits);
    }
  }

  #append(part: Buffer): void {
    if (this.#skipsEvent) return;
    if (!this.#data) {
      this.#data = part;
      return;
    }
    if (!this.#joined) {
      this.#joined = new Chunks();
      this.#joined.append(this.#data);
    }
    this.#joined.append(NEWLINE);
    this.#joined.append(part);
    if (this.#joined.byteLength > this.#maxBytes) this.#tooLong();
  }

  #tooLong(): void {
    this.#data = undefined;
    this.#joined = undefined;
    this.#skipsEvent = true;
    this.#onTooLong(this.#maxBytes);
  }

  #longLine(begin: Buffer, end: Buffer, tell: (begin: Buffer, end: Buffer) => void): void {
    const isAll = !this.#data && !this.#skipsEvent && begin.subarray(0, DATA.length).equals(DATA);
    if (!isAll) {
      this.#tooLong();
      return;
    }
    this.#skipsEvent = true;
    tell(begin.subarray(DATA.length), end);
  }

  #dispatch(): void {
    const data = this.#joined?.take() ?? this.#data;
    const type = this.#type || 'message';
    this.#data = undefined;
    this.#joined = undefined;
    this.#skipsEvent = false;
    this.#type = '';
    this.#lastId = this.#id;
    if (data) this.#onEvent({ type, data });
  }
}

/** Source: RFC 9110, "Field Values". */
function fitsHeader(id: Buffer): boolean {
  return id.length <= MAX_ID_BYTES && id.every((byte) => (byte >= SPACE && byte !== DELETE) || byte === TAB);
}
