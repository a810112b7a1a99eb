const QUOTE = 34;
const BACKSLASH = 92;

/** Makes of the text of a number what stands for it. */
type ReadNumber = (text: string) => unknown;

/**
 * Parses JSON whose writer is not trusted.
 *
 * V8 13 and 14 read keys with escapes wrong (nodejs/node#63785): once the key `n\u0` was read, JSON.parse takes `n\u0061me` for it. Whoever writes both could
 * show one reader other keys than another. Strings alone, and keys without escapes, are right, so texts with escapes in keys are read here.
 *
 * @param readNumber - For numbers that shall not become the nearest double.
 * @throws SyntaxError whose words may quote the text; RangeError for some thousand levels of nesting around a key with escapes.
 */
export function parseJsonText(text: string, readNumber?: ReadNumber): unknown {
  if (hasEscapedKey(text)) return new EscapedKeyReader(text, readNumber ?? Number).whole();
  if (readNumber === undefined) return JSON.parse(text);
  return JSON.parse(text, (_key, value, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? readNumber(context.source) : value,
  );
}

/** Whether a key may have an escape; never false where one has. No pattern: one that goes back overflows the stack on some megabytes. */
function hasEscapedKey(text: string): boolean {
  if (!text.includes('\\')) return false;
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    let end = colon - 1;
    while (isSpace(text.charCodeAt(end))) end--;
    if (text.charCodeAt(end) !== QUOTE) continue;
    const slashes = slashesBefore(text, end);
    if (slashes % 2 === 1) continue; // an escaped quote: all of it is inside a string
    if (slashes > 0) return true;
    const start = text.lastIndexOf('"', end - 1);
    if (text.charCodeAt(start - 1) === BACKSLASH || text.slice(start + 1, end).includes('\\')) return true;
  }
  return false;
}

function slashesBefore(text: string, end: number): number {
  let count = 0;
  while (text.charCodeAt(end - 1 - count) === BACKSLASH) count++;
  return count;
}

/** Reads JSON strictly, each key by itself. */
class EscapedKeyReader {
  readonly #text: string;
  readonly #readNumber: ReadNumber;
  #at = 0;

  constructor(text: string, readNumber: ReadNumber) {
    this.#text = text;
    this.#readNumber = readNumber;
  }

  whole(): unknown {
    const value = this.#value();
    if (this.#skipSpace() !== undefined) this.#refuse();
    return value;
  }

  #value(): unknown {
    const first = this.#skipSpace();
    if (first === '{') return this.#object();
    if (first === '[') return this.#list();
    if (first === '"') return this.#string();
    const literal = this.#literal();
    const value: unknown = JSON.parse(literal);
    return typeof value === 'number' ? this.#readNumber(literal) : value;
  }

  #object(): Record<string, unknown> {
    const members: [string, unknown][] = [];
    while (this.#hasNext('}', members.length)) {
      if (this.#skipSpace() !== '"') this.#refuse();
      const key = this.#string();
      if (this.#skipSpace() !== ':') this.#refuse();
      this.#at++;
      members.push([key, this.#value()]);
    }
    return Object.fromEntries(members);
  }

  #list(): unknown[] {
    const elements: unknown[] = [];
    while (this.#hasNext(']', elements.length)) elements.push(this.#value());
    return elements;
  }

  /** Over what is before the next member: the opening character or a comma. Without one over the closing character. */
  #hasNext(close: string, known: number): boolean {
    if (known === 0) this.#at++;
    const next = this.#skipSpace();
    if (next === close) {
      this.#at++;
      return false;
    }
    if (known === 0) return true;
    if (next !== ',') this.#refuse();
    this.#at++;
    return true;
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end > 0 && slashesBefore(this.#text, end) % 2 === 1) end = this.#text.indexOf('"', end + 1);
    if (end < 0) this.#refuse();
    this.#at = end + 1;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #literal(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !' \n\r\t,]}'.includes(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** The next character that is no space; undefined at the end. */
  #skipSpace(): string | undefined {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#text[this.#at];
  }

  #refuse(): never {
    throw new SyntaxError(`It is not JSON at ${this.#at}.`);
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}
