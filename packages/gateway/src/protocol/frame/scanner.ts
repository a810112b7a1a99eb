import { DistinctKeys, MAX_DEPTH } from './distinct-keys.ts';
import { FrameError, notJson } from './frame-error.ts';
import { parseSpan } from './json.ts';
import { type Level, PAYLOAD } from './level.ts';
import { fractionEnd, literalEnd } from './literal-end.ts';
import { askedId } from './outermost-id.ts';
import { type Member, type ScannedObject, SeenKeys, UNKNOWN } from './scanned-object.ts';

const QUOTE = 34;
const COMMA = 44;
const DOT = 46;
const ZERO = 48;
const COLON = 58;
const OPEN_LIST = 91;
const OPEN = 123;
const CLOSE = 125;
/** From the byte that opens a container to the one that closes it: `[` and `]`, `{` and `}`. */
const TO_CLOSE = 2;

// Here and not in a file of their own: what another module exports is looked up anew at each use.
/** What a byte means inside a string. The end of the buffer, undefined, is none of these. */
const PLAIN = 0;
const ENDS = 1;
const ESCAPES = 2;
const FORBIDDEN = 3;
const IN_STRING = new Uint8Array(256).fill(FORBIDDEN, 0, 32);
IN_STRING[QUOTE] = ENDS;
IN_STRING[92] = ESCAPES;

/** What a byte means behind a backslash; anything else is no escape. */
const SHORT_ESCAPE = 1;
const UNICODE_ESCAPE = 2;
const ESCAPED = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) ESCAPED[byte] = SHORT_ESCAPE;
ESCAPED[117] = UNICODE_ESCAPE;

const HEX = new Uint8Array(256);
for (const byte of Buffer.from('0123456789abcdefABCDEF')) HEX[byte] = 1;

/** Below this length, making a view of words costs more than it saves. */
const WORDS_FROM_BYTES = 256;
const NO_WORDS = new Int32Array(0);

/** Members of one object of the envelope: each costs far more than one of the payload. */
const MAX_MEMBERS = 10_000;

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
    const byte = this.bytes[this.at];
    // Most texts have none.
    return byte !== undefined && byte > 32 ? byte : this.#overSpace();
  }

  #overSpace(): number | undefined {
    const bytes = this.bytes;
    let at = this.at;
    let byte = bytes[at];
    while (byte === 32 || byte === 10 || byte === 13 || byte === 9) byte = bytes[++at];
    this.at = at;
    return byte;
  }

  /** @throws FrameError where anything but white space is left. */
  end(): void {
    if (this.space() !== undefined) notJson('something stands behind its end', this.at);
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
      if (this.space() !== QUOTE) notJson('a key is missing', this.at);
      const from = this.at++;
      const escapes = this.string();
      const isFull = keys !== undefined && members.length === MAX_MEMBERS;
      if (isFull) this.#violate(`has more than ${MAX_MEMBERS} members in an object of its envelope`, from);
      const name = escapes || isFull ? undefined : level.nameAt(this.bytes, from + 1, this.at - 1);
      const key = name ?? (isFull ? '' : (parseSpan(this.bytes, from, this.at) as string));
      if (this.#distinct?.add(inner, from, this.at, escapes) === false) this.#violate('has a key twice', from);
      if (keys !== undefined) this.#judge(key, name !== undefined || level.has(key), from, keys, level);
      if (this.space() !== COLON) notJson('a colon is missing', this.at);
      this.at++;
      const first = this.space();
      const valueStart = this.at;
      const inside = first === OPEN ? level.inside(key) : undefined;
      const scanned = inside && this.object(inner, inside);
      if (scanned === undefined) this.skip(inner);
      if (!isFull)
        members.push({
          key,
          from,
          start: valueStart,
          end: this.at,
          inside: scanned,
          index: members.length,
          put: undefined,
          value: UNKNOWN,
          object: undefined,
        });
      const next = this.space();
      if (next === CLOSE) return { start, end: ++this.at, members };
      if (next !== COMMA) notJson('neither a comma nor the end of an object', this.at);
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
      if (next !== COMMA && next !== OPEN_LIST + TO_CLOSE) notJson('neither a comma nor the end of a list', this.at);
      this.at++;
      if (next !== COMMA) return;
    }
  }

  #enter(depth: number, byteOffset: number): number {
    if (depth < MAX_DEPTH) return depth + 1;
    const problem = `is nested deeper than ${MAX_DEPTH} levels`;
    throw new FrameError({ rpcCode: -32600, problem, byteOffset, id: askedId(this.bytes) });
  }

  #judge(key: string, known: boolean, from: number, seen: SeenKeys, level: Level): void {
    if (this.violation !== undefined) return;
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
        const near = at + 16;
        do kind = IN_STRING[bytes[++at] as number];
        while (kind === PLAIN && (at < near || ((at + this.#shift) & 3) !== 0));
        if (kind === PLAIN) {
          at = this.#plainWords(at);
          continue;
        }
      }
      if (kind === ENDS) {
        this.at = at + 1;
        return escapes;
      }
      if (kind !== ESCAPES) notJson('a string holds a control character or does not end', at);
      escapes = true;
      const sort = ESCAPED[bytes[at + 1] as number];
      if (sort === SHORT_ESCAPE) at += 2;
      else if (sort === UNICODE_ESCAPE && this.#isHex(at + 2)) at += 6;
      else notJson('an escape that there is not', at);
    }
  }

  /** From where a word begins over plain bytes, four words at a time, to near the first byte that is anything else. */
  #plainWords(from: number): number {
    const words = this.#words;
    const shift = this.#shift;
    let word = (from + shift) >>> 2;
    for (; word + 4 <= words.length; word += 4) {
      const found =
        notPlain(words[word] as number) |
        notPlain(words[word + 1] as number) |
        notPlain(words[word + 2] as number) |
        notPlain(words[word + 3] as number);
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
          if (byte !== COLON) notJson('a colon is missing', at);
          byte = bytes[++at];
          continue;
        }
      } else if (key) notJson('a key is missing', at);
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
          at = fractionEnd(bytes, at);
        }
      } else {
        at = literalEnd(bytes, at);
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
        if (byte !== kind + TO_CLOSE) notJson('neither a comma nor the end of a list or object', at);
        at++;
        kind = KINDS[--inner] as number;
      }
    }
  }
}

/**
 * Has the highest bit set in some byte where one of the four bytes is not plain. Bytes below 32, and the quote, are those
 * that are below 33 once their second bit is turned; the backslash is that which is then zero.
 */
function notPlain(four: number): number {
  const turned = four ^ 0x02020202;
  const backslashes = four ^ 0x5c5c5c5c;
  return ((turned - 0x21212121) & ~turned) | ((backslashes - 0x01010101) & ~backslashes);
}

/** The members of an object in text that was validated before. */
export function scanAgain(bytes: Buffer, start: number): ScannedObject {
  return new Scanner(bytes, start).object(0, PAYLOAD);
}
