const CR = 13;
const LF = 10;
const SEMICOLON = 59;

/** A chunk has at most this many digits of size, zeros in front among them, and what is said besides the chunks at most so many bytes. */
const MOST_DIGITS = 32;
const MOST_ASIDE_BYTES = 16_384;

/** What is expected next. */
type Expected =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer-start'
  | 'trailer'
  | 'trailer-lf'
  | 'last-lf';

/** Reads a body that comes in chunks, however they are cut; what is said beside them (extensions, trailers) is skipped, whatever it consists of. Source: RFC 9112, section 7.1. */
export class ChunkedBody {
  #expected: Expected = 'size';
  #digits = 0;
  #size = 0;
  #asideBytes = 0;
  #isWhole = false;

  /** Whether all of it has come. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /**
   * Reads on; answers where it stopped, behind the end of the body or at the end of the bytes.
   *
   * @param take - Takes a part of the body; false where no more is wanted.
   * @throws Error with Node's code for it, where this is no body in chunks.
   */
  read(bytes: Buffer, from: number, take: (part: Buffer) => boolean): number {
    let at = from;
    while (at < bytes.length && !this.#isWhole) {
      if (this.#expected === 'data') {
        const end = Math.min(bytes.length, at + this.#size);
        const part = bytes.subarray(at, end);
        this.#size -= end - at;
        at = end;
        if (this.#size === 0) this.#expected = 'data-cr';
        if (!take(part)) return at;
      } else this.#step(bytes[at++] as number);
    }
    return at;
  }

  #step(byte: number): void {
    switch (this.#expected) {
      case 'size':
        this.#sizeByte(byte);
        break;
      case 'extension':
        if (byte === CR) this.#expected = 'size-lf';
        else this.#aside(byte);
        break;
      case 'size-lf':
        this.#must(byte === LF);
        this.#digits = 0;
        this.#expected = this.#size === 0 ? 'trailer-start' : 'data';
        break;
      case 'data-cr':
        this.#must(byte === CR);
        this.#expected = 'data-lf';
        break;
      case 'data-lf':
        this.#must(byte === LF);
        this.#expected = 'size';
        break;
      case 'trailer-start':
        this.#expected = byte === CR ? 'last-lf' : 'trailer';
        if (byte !== CR) this.#aside(byte);
        break;
      case 'trailer':
        if (byte === CR) this.#expected = 'trailer-lf';
        else this.#aside(byte);
        break;
      case 'trailer-lf':
        this.#must(byte === LF);
        this.#expected = 'trailer-start';
        break;
      default:
        this.#must(byte === LF);
        this.#isWhole = true;
    }
  }

  #sizeByte(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit;
      this.#must(++this.#digits <= MOST_DIGITS && this.#size <= Number.MAX_SAFE_INTEGER);
      return;
    }
    this.#must(this.#digits > 0 && (byte === CR || byte === SEMICOLON));
    this.#expected = byte === CR ? 'size-lf' : 'extension';
  }

  #aside(byte: number): void {
    this.#must(byte !== LF && ++this.#asideBytes <= MOST_ASIDE_BYTES);
  }

  #must(is: boolean): void {
    if (!is) throw Object.assign(new Error('the answer is no body in chunks'), { code: 'HPE_INVALID_CHUNK_SIZE' });
  }
}

/** -1 for what is none. */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
