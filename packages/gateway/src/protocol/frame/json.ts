const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"(?:[ \n\r\t]*:)?/g;
const SPACE = /[ \n\r\t]*/y;
const LITERAL = /[^ \n\r\t,\]}]+/y;

/** Parses one JSON value that lies in bytes which have been validated before. */
export function parseSpan(bytes: Buffer, start: number, end: number): unknown {
  const text = bytes.toString('utf8', start, end);
  return hasEscapedKey(text) ? new EscapedKeyReader(text).value() : JSON.parse(text);
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
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    this.#take(SPACE);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#list();
    return JSON.parse(this.#take(first === '"' ? STRING : LITERAL));
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
