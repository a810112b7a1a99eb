const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"(?:[ \n\r\t]*:)?/g;
const SPACE = /[ \n\r\t]*/y;
const LITERAL = /[^ \n\r\t,\]}]+/y;

/** Makes of the text of a number what stands for it. */
type ReadNumber = (text: string) => unknown;

/** Parses one JSON value that lies in bytes which have been validated before. */
export function parseSpan(bytes: Buffer, start: number, end: number): unknown {
  const text = bytes.toString('utf8', start, end);
  return hasEscapedKey(text) ? new EscapedKeyReader(text, Number).value() : JSON.parse(text);
}

/** The same where numbers are read in another way. */
export function parseNumbersBy(readNumber: ReadNumber, bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  if (hasEscapedKey(text)) return new EscapedKeyReader(text, readNumber).value();
  return JSON.parse(text, (_key, value, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? readNumber(context.source) : value,
  );
}

function hasEscapedKey(text: string): boolean {
  if (text[0] === '"' || !text.includes('\\')) return false;
  for (const [token] of text.matchAll(STRINGS)) if (token.endsWith(':') && token.includes('\\')) return true;
  return false;
}

/**
 * Reads validated JSON with escapes in keys.
 *
 * V8 13 and 14 do it wrong (nodejs/node#63785): once the key `n\u0` was read, JSON.parse takes `n\u0061me` for it. Whoever
 * sends both could show a guard other arguments than the server sees. Strings alone, and keys without escapes, are right.
 */
class EscapedKeyReader {
  readonly #text: string;
  readonly #readNumber: ReadNumber;
  #at = 0;

  constructor(text: string, readNumber: ReadNumber) {
    this.#text = text;
    this.#readNumber = readNumber;
  }

  value(): unknown {
    this.#take(SPACE);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#list();
    const literal = this.#take(first === '"' ? STRING : LITERAL);
    return /^[-\d]/.test(literal) ? this.#readNumber(literal) : JSON.parse(literal);
  }

  #object(): Record<string, unknown> {
    const members: [string, unknown][] = [];
    while (this.#next('}')) {
      const key = JSON.parse(this.#take(STRING)) as string;
      this.#take(SPACE);
      this.#at++; // the colon
      members.push([key, this.value()]);
    }
    return Object.fromEntries(members);
  }

  #list(): unknown[] {
    const elements: unknown[] = [];
    while (this.#next(']')) elements.push(this.value());
    return elements;
  }

  /** Over the opening character or a comma, to the next member; or over the closing one. */
  #next(close: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#at] !== close) {
      this.#at++;
      this.#take(SPACE);
      if (this.#text[this.#at] !== close) return true;
    }
    this.#at++;
    return false;
  }

  #take(token: RegExp): string {
    token.lastIndex = this.#at;
    const [taken] = token.exec(this.#text) ?? [''];
    this.#at += taken.length;
    return taken;
  }
}
