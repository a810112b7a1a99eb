import { DistinctKeys, MAX_DEPTH } from './distinct-keys.ts';
import { FrameError } from './frame-error.ts';
import { parseSpan } from './json.ts';
import { type Level, PAYLOAD } from './level.ts';
import { type Member, type ScannedObject, SeenKeys } from './scanned-object.ts';
import { ENDS, ESCAPED, ESCAPES, HEX, IN_STRING, PLAIN, SHORT_ESCAPE, UNICODE_ESCAPE } from './string-bytes.ts';

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const COLON = 58;
const OPEN_LIST = 91;
const OPEN = 123;
const CLOSE = 125;
/** From the byte that opens a container to the one that closes it: `[` and `]`, `{` and `}`. */
const TO_CLOSE = 2;

/** Below this length, making a view of words costs more than it saves. */
const WORDS_FROM_BYTES = 256;
const NO_WORDS = new Int32Array(0);

// Shared by all scans: one is over before another begins.
const KINDS = new Uint8Array(MAX_DEPTH + 1);

/** JSON that a frame must not have. The scan goes on to its end, to learn whether it is JSON at all, and the frame's id. */
export interface Violation {
  readonly problem: string;
  readonly byteOffset: number;
}

/** Reads one text of JSON from front to back; every byte is checked, and only what the levels name is remembered. */
export class Scanner {
  readonly bytes: Buffer;
  at: number;
  violation: Violation | undefined = undefined;
  readonly #words: Int32Array;
  /** Word `n` holds the bytes from `n * 4 - shift` on. */
  readonly #shift: number;
  readonly #distinct: DistinctKeys | undefined;

  constructor(bytes: Buffer, at = 0, unique = false) {
    this.bytes = bytes;
    this.at = at;
    this.#distinct = unique ? new DistinctKeys(bytes) : undefined;
    const long = bytes.length - at >= WORDS_FROM_BYTES;
    this.#shift = long ? bytes.byteOffset & 3 : 0;
    this.#words = long
      ? new Int32Array(bytes.buffer, bytes.byteOffset - this.#shift, (bytes.length + this.#shift) >>> 2)
      : NO_WORDS;
  }

  /** Over white space, to the first byte of what follows; undefined at the end. */
  space(): number | undefined {
    const bytes = this.bytes;
    let at = this.at;
    let byte = bytes[at];
    while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at];
    this.at = at;
    return byte;
  }

  /** @throws FrameError where anything but white space is left. */
  end(): void {
    if (this.space() !== undefined) this.fail('something stands behind its end');
  }

  fail(problem: string, byteOffset: number = this.at): never {
    throw new FrameError({ rpcCode: -32700, problem: `is not JSON: ${problem}`, byteOffset });
  }

  #violate(problem: string, byteOffset: number): void {
    this.violation ??= { problem, byteOffset };
  }

  /** Finds the members of the object that begins here. @param depth - of the containers around it. */
  object(depth: number, level: Level): ScannedObject {
    const start = this.at;
    const inner = this.#enter(depth, start);
    this.#distinct?.open(inner);
    const members: Member[] = [];
    const keys = level.kind === 'payload' ? undefined : new SeenKeys(members);
    this.at++;
    if (this.space() === CLOSE) return { start, end: ++this.at, members };
    for (;;) {
      if (this.space() !== QUOTE) this.fail('a key is missing');
      const from = this.at++;
      const escapes = this.string();
      const key = this.#keyAt(from, escapes, level);
      if (this.#distinct?.add(inner, from, this.at, escapes) === false) this.#violate('has a key twice', from);
      if (keys !== undefined) this.#judge(key, from, keys, level);
      if (this.space() !== COLON) this.fail('a colon is missing');
      this.at++;
      const first = this.space();
      const valueStart = this.at;
      const inside = first === OPEN ? level.inside(key) : undefined;
      const scanned = inside && this.object(inner, inside);
      if (scanned === undefined) this.skip(inner);
      members.push({
        key,
        from,
        start: valueStart,
        end: this.at,
        inside: scanned,
        index: members.length,
        put: undefined,
      });
      const next = this.space();
      if (next === CLOSE) return { start, end: ++this.at, members };
      if (next !== COMMA) this.fail('neither a comma nor the end of an object');
      this.at++;
    }
  }

  /** The elements of the list that begins here; `each` stands at one and goes behind it. */
  list(each: (first: number | undefined) => void): void {
    this.at++;
    if (this.space() === OPEN_LIST + TO_CLOSE) {
      this.at++;
      return;
    }
    for (;;) {
      each(this.space());
      const next = this.space();
      if (next !== COMMA && next !== OPEN_LIST + TO_CLOSE) this.fail('neither a comma nor the end of a list');
      this.at++;
      if (next !== COMMA) return;
    }
  }

  #enter(depth: number, byteOffset: number): number {
    if (depth < MAX_DEPTH) return depth + 1;
    const problem = `is nested deeper than ${MAX_DEPTH} levels`;
    throw new FrameError({ rpcCode: -32600, problem, byteOffset });
  }

  #keyAt(from: number, escapes: boolean, level: Level): string {
    const known = escapes ? undefined : level.nameAt(this.bytes, from + 1, this.at - 1);
    return known ?? (parseSpan(this.bytes, from, this.at) as string);
  }

  #judge(key: string, from: number, seen: SeenKeys, level: Level): void {
    if (this.violation !== undefined) return;
    const known = level.has(key);
    if (!known && level.kind !== 'routing') return;
    if (seen.has(key)) this.#violate('has a key of its envelope twice', from);
    if (!known && level.isLookAlike(key)) {
      this.#violate('has a key that differs from one of its envelope only in case', from);
    }
  }

  /** From behind the opening quote to behind the closing one. @returns True where there are escapes. */
  string(): boolean {
    const bytes = this.bytes;
    let at = this.at;
    let escapes = false;
    for (;;) {
      let kind = IN_STRING[bytes[at] as number];
      if (kind === PLAIN) {
        const near = at + 12;
        do kind = IN_STRING[bytes[++at] as number];
        while (kind === PLAIN && at < near);
        if (kind === PLAIN) {
          at = this.#plainWords(at);
          continue;
        }
      }
      if (kind === ENDS) {
        this.at = at + 1;
        return escapes;
      }
      if (kind !== ESCAPES) this.fail('a string holds a control character or does not end', at);
      escapes = true;
      const sort = ESCAPED[bytes[at + 1] as number];
      if (sort === SHORT_ESCAPE) at += 2;
      else if (sort === UNICODE_ESCAPE && this.#isHex(at + 2)) at += 6;
      else this.fail('an escape that there is not', at);
    }
  }

  /** Over plain bytes of a long string, four at a time, to the first word that holds anything else. */
  #plainWords(from: number): number {
    const bytes = this.bytes;
    const words = this.#words;
    const shift = this.#shift;
    let word = (from + shift + 3) >>> 2;
    let at = from;
    const aligned = word * 4 - shift;
    while (at < aligned)
      if (IN_STRING[bytes[at] as number] === PLAIN) at++;
      else return at;
    if (word >= words.length) return at;
    for (; word < words.length; word++) {
      const four = words[word] as number;
      const quotes = four ^ 0x22222222;
      const backslashes = four ^ 0x5c5c5c5c;
      const found =
        ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes) | ((four - 0x20202020) & ~four);
      if ((found & 0x80808080) !== 0) break;
    }
    return word * 4 - shift;
  }

  #isHex(at: number): boolean {
    const bytes = this.bytes;
    for (let i = at; i < at + 4; i++) if (HEX[bytes[i] as number] !== 1) return false;
    return true;
  }

  /** Over one whole value, without recursion. @param depth - of the containers around it. */
  skip(depth: number): void {
    const bytes = this.bytes;
    const distinct = this.#distinct;
    let inner = depth;
    let kind = 0;
    let key = false;
    let at = this.at;
    let byte = bytes[at];
    for (;;) {
      while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at];
      if (byte === QUOTE) {
        const from = at;
        const near = at + 24;
        let what: number | undefined;
        do what = IN_STRING[bytes[++at] as number];
        while (what === PLAIN && at < near);
        let escapes = false;
        if (what === ENDS) at++;
        else {
          this.at = at;
          escapes = this.string();
          at = this.at;
        }
        if (key) {
          if (distinct?.add(inner, from, at, escapes) === false) this.#violate('has a key twice', from);
          key = false;
          byte = bytes[at];
          while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at];
          if (byte !== COLON) this.fail('a colon is missing', at);
          byte = bytes[++at];
          continue;
        }
      } else if (key) this.fail('a key is missing', at);
      else if (byte === OPEN || byte === OPEN_LIST) {
        inner = this.#enter(inner, at);
        kind = byte;
        KINDS[inner] = byte;
        distinct?.open(inner);
        byte = bytes[++at];
        while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at];
        if (byte !== kind + TO_CLOSE) {
          key = kind === OPEN;
          continue;
        }
        at++;
        kind = KINDS[--inner] as number;
      } else if (byte !== undefined && byte > ZERO && byte <= 57) {
        do byte = bytes[++at];
        while (byte !== undefined && byte >= ZERO && byte <= 57);
        if (byte === DOT || byte === 101 || byte === 69) {
          this.at = at;
          this.#fraction();
          at = this.at;
        }
      } else {
        this.at = at;
        this.#rareValue(byte);
        at = this.at;
      }
      for (;;) {
        if (inner === depth) {
          this.at = at;
          return;
        }
        byte = bytes[at];
        while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at];
        if (byte === COMMA) {
          key = kind === OPEN;
          byte = bytes[++at];
          break;
        }
        if (byte !== kind + TO_CLOSE) this.fail('neither a comma nor the end of a list or object', at);
        at++;
        kind = KINDS[--inner] as number;
      }
    }
  }

  /** Over true, false, null, or a number that begins with a minus or a zero. */
  #rareValue(byte: number | undefined): void {
    const word = byte === 116 ? 'true' : byte === 102 ? 'false' : byte === 110 ? 'null' : undefined;
    if (word === undefined) {
      if (byte === MINUS) byte = this.bytes[++this.at];
      if (byte === ZERO) this.at++;
      else this.#digits('a value is missing');
      this.#fraction();
      return;
    }
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) this.fail('a value that there is not');
    }
    this.at += word.length;
  }

  #fraction(): void {
    const bytes = this.bytes;
    if (bytes[this.at] === DOT) {
      this.at++;
      this.#digits('a number without digits behind its point');
    }
    const letter = bytes[this.at];
    if (letter !== 101 && letter !== 69) return;
    const sign = bytes[++this.at];
    if (sign === 43 || sign === MINUS) this.at++;
    this.#digits('a number without digits in its exponent');
  }

  /** Over one digit or more. */
  #digits(problem: string): void {
    const bytes = this.bytes;
    let at = this.at;
    let byte = bytes[at];
    if (byte === undefined || byte < ZERO || byte > 57) this.fail(problem, at);
    while (byte !== undefined && byte >= ZERO && byte <= 57) byte = bytes[++at];
    this.at = at;
  }
}

/** The members of an object in text that was validated before. */
export function scanAgain(bytes: Buffer, start: number): ScannedObject {
  return new Scanner(bytes, start).object(0, PAYLOAD);
}
