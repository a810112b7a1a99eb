import { LineReader } from './line-reader.ts';

/** One event of a stream. Source: HTML, "Server-sent events". */
export interface StreamEvent {
  /** `message` where the stream does not say. */
  readonly type: string;
  readonly data: Buffer;
}

export interface EventReaderOptions {
  readonly onEvent: (event: StreamEvent) => void;
  readonly onTooLong: (maxBytes: number) => void;
}

const COLON = 0x3a;
const SPACE = 0x20;
const NEWLINE = Buffer.from('\n');

/** Reads a stream of events as bytes. Data of one line, which is what servers send, is not copied. */
export class EventReader {
  readonly #lines: LineReader;
  readonly #onEvent: (event: StreamEvent) => void;
  #data: Buffer[] = [];
  #type = '';
  #id = '';
  #lastId = '';
  #retryMs: number | undefined;

  constructor({ onEvent, onTooLong }: EventReaderOptions) {
    this.#onEvent = onEvent;
    this.#lines = new LineReader({ onLine: (line) => this.#line(line), onTooLong, loneCr: true });
  }

  /** The id to resume after, of the last event that came whole; empty where the stream has given none. */
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
    const field = line.toString('latin1', 0, colon === -1 ? line.length : colon);
    const from = colon === -1 ? line.length : colon + (line[colon + 1] === SPACE ? 2 : 1);
    if (field === 'data')
      this.#data.push(this.#data.length > 0 ? Buffer.concat([NEWLINE, line.subarray(from)]) : line.subarray(from));
    else if (field === 'event') this.#type = line.toString('utf8', from);
    else if (field === 'id') {
      const id = line.toString('utf8', from);
      if (!id.includes('\0')) this.#id = id;
    } else if (field === 'retry') {
      const digits = line.toString('latin1', from);
      if (/^\d{1,9}$/.test(digits)) this.#retryMs = Number(digits);
    }
  }

  #dispatch(): void {
    const parts = this.#data;
    const type = this.#type || 'message';
    this.#data = [];
    this.#type = '';
    this.#lastId = this.#id;
    const [only] = parts;
    if (only === undefined) return;
    this.#onEvent({ type, data: parts.length === 1 ? only : Buffer.concat(parts) });
  }
}
