import { PassingLimitError } from './passing-limit.ts';

/** What of a text may be counted as short as it can be, so that nothing has to be looked at in small answers. */
const UNREAD_PART = 4;
/** Of a number beyond its first digit. */
const MOST_MORE_DIGITS = 24;
/** What one character becomes, beyond itself: `\u0001`, and `\n`. */
const MORE_OF_UNICODE_ESCAPE = 5;
const MORE_OF_SHORT_ESCAPE = 1;
const QUOTES = 2;
const FIRST_PRINTABLE = 0x20;
/** `\b`, `\t`, `\n`, `\f`, `\r`, `"` and `\` have short escapes. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13, 0x22, 0x5c]);

/**
 * What the JSON of one answer may have. It is counted before anything of it is made: an engine that finds no room for one large text ends
 * the process and not only the thread. What is counted is never more than the text will have, and at most a quarter of the limit less.
 */
export class JsonRoom {
  readonly #mostBytes: number;
  #left: number;
  #unread: number;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#left = mostBytes;
    this.#unread = Math.floor(mostBytes / UNREAD_PART);
  }

  /** So many characters. @throws PassingLimitError */
  take(length: number): void {
    this.#left -= length;
    if (this.#left >= 0) return;
    const limitBytes = this.#mostBytes;
    const byteLength = limitBytes - this.#left;
    throw new PassingLimitError({ direction: 'from guest', measure: 'message', limitBytes, byteLength });
  }

  /** Brackets or braces, and the commas between so many parts. @throws PassingLimitError */
  takeParts(count: number): void {
    this.take(count === 0 ? 2 : count + 1);
  }

  /** A string, with its quotes and escapes. @throws PassingLimitError */
  takeText(text: string): void {
    const more = text.length * MORE_OF_UNICODE_ESCAPE;
    this.take(text.length + QUOTES);
    if (more <= this.#unread) this.#unread -= more;
    else this.take(moreOfEscapes(text));
  }

  /** A number, with or without quotes. @throws PassingLimitError */
  takeNumber(value: unknown): void {
    if (this.#unread >= MOST_MORE_DIGITS) {
      this.#unread -= MOST_MORE_DIGITS;
      this.take(1);
    } else this.take(String(value).length);
  }

  /** A list of bytes. @throws PassingLimitError */
  takeBytes(bytes: Uint8Array): void {
    let length = bytes.length;
    this.takeParts(length);
    for (const byte of bytes) length += byte > 99 ? 2 : byte > 9 ? 1 : 0;
    this.take(length);
  }
}

function moreOfEscapes(text: string): number {
  let more = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= FIRST_PRINTABLE && unit !== 0x22 && unit !== 0x5c) continue;
    more += SHORT_ESCAPES.has(unit) ? MORE_OF_SHORT_ESCAPE : MORE_OF_UNICODE_ESCAPE;
  }
  return more;
}
