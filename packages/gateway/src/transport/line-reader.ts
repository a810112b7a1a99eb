import { Chunks } from './chunks.ts';
import { LineEnds } from './line-ends.ts';

/** Largest line, in bytes: the largest frame that is passed on, and room for its envelope. */
export const MAX_LINE_BYTES: number = 64 * 1024 * 1024 + 65_536;

/** What to do about a message that is longer: nobody can raise the limit. */
export const SEND_LESS = 'let the server answer in parts: nothing raises this limit';

/** What is said of an answer that is longer. */
export const tooLongAnswer = (what: string, maxBytes: number): string =>
  `${what} has more than ${maxBytes} bytes, the most of a message; ${SEND_LESS}.`;

/** What both ends are wanted of ends some time. */
export const MAX_SKIPPED_BYTES: number = 1024 * 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

export interface LineReaderOptions {
  /** Called with each line, without its end. The bytes are those of the chunk and are not copied. */
  readonly onLine: (line: Buffer) => void;
  /** A line is longer than it may be; nothing of it is kept, and reading goes on with the next line. */
  readonly onTooLong: (maxBytes: number) => void;
  /** Told both ends of a line that was too long, once it has ended; `onTooLong` is told only of one that goes on for 1 GiB. @default nobody is told */
  readonly onLongLine?: (begin: Buffer, end: Buffer) => void;
  /** Whether a carriage return alone ends a line, as in streams of events. @default false */
  readonly loneCr?: boolean;
  /** @default 64 MiB and 64 KiB */
  readonly maxBytes?: number;
}

/** Makes lines of chunks; each byte is looked at once, however many chunks a line comes in. */
export class LineReader {
  readonly #options: LineReaderOptions;
  readonly #maxBytes: number;
  readonly #rest = new Chunks();
  #skipsLine = false;
  #ends: LineEnds | undefined;
  #afterCr = false;
  #isFirst = true;

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? MAX_LINE_BYTES;
  }

  /**
   * Reads at most so many lines of a chunk.
   *
   * @param maxLines - Defaults to: all.
   * @returns what is left to be read of the chunk, where that is more than a part of a line.
   */
  append(chunk: Buffer, maxLines: number = Number.POSITIVE_INFINITY): Buffer | undefined {
    if (chunk.length === 0) return undefined;
    let lines = 0;
    let start = this.#afterCr && chunk[0] === LF ? 1 : 0;
    this.#afterCr = false;
    let lf = chunk.indexOf(LF, start);
    let cr = this.#options.loneCr ? chunk.indexOf(CR, start) : -1;
    while (lf !== -1 || cr !== -1) {
      if (lines++ === maxLines) return chunk.subarray(start);
      const end = cr !== -1 && (lf === -1 || cr < lf) ? cr : lf;
      this.#complete(chunk.subarray(start, end));
      start = end + 1;
      if (end === cr) {
        if (start === chunk.length) this.#afterCr = true;
        else if (chunk[start] === LF) start++;
        cr = chunk.indexOf(CR, start);
        if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start);
      } else lf = chunk.indexOf(LF, start);
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return undefined;
  }

  /** What is left at the end of the input is a line too. */
  end(): void {
    if (this.#rest.byteLength > 0) this.#complete(Buffer.alloc(0));
  }

  #keep(part: Buffer): void {
    if (this.#skipsLine) {
      this.#skip(part);
      return;
    }
    this.#rest.append(part);
    if (this.#rest.byteLength > this.#maxBytes) this.#tooLong();
  }

  #complete(last: Buffer): void {
    if (this.#skipsLine) {
      this.#skip(last);
      this.#skipped();
      return;
    }
    if (this.#rest.byteLength + last.length > this.#maxBytes) {
      this.#rest.append(last);
      this.#tooLong();
      this.#skipped();
      return;
    }
    let line = last;
    if (this.#rest.byteLength > 0) {
      this.#rest.append(last);
      line = this.#rest.take();
    }
    if (line.at(-1) === CR) line = line.subarray(0, -1);
    if (this.#isFirst || line[0] === BOM[0]) line = withoutBom(line);
    this.#isFirst = false;
    this.#options.onLine(line);
  }

  #tooLong(): void {
    this.#skipsLine = true;
    const parts = this.#rest.takeParts();
    if (this.#options.onLongLine) {
      this.#ends = new LineEnds();
      for (const part of parts) this.#ends.add(part);
    } else this.#options.onTooLong(this.#maxBytes);
  }

  #skip(part: Buffer): void {
    if (!this.#ends) return;
    this.#ends.add(part);
    if (this.#ends.byteLength <= MAX_SKIPPED_BYTES) return;
    this.#ends = undefined;
    this.#options.onTooLong(this.#maxBytes);
  }

  #skipped(): void {
    this.#skipsLine = false;
    const ends = this.#ends;
    this.#ends = undefined;
    if (ends) this.#options.onLongLine?.(ends.begin, ends.end);
  }
}

/** Whether a line holds nothing but white space, of which no peer of a pipe means anything. */
export function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 32 && byte !== 9 && byte !== CR) return false;
  return true;
}

function withoutBom(line: Buffer): Buffer {
  return line.subarray(0, BOM.length).equals(BOM) ? line.subarray(BOM.length) : line;
}
