import { parseSpan } from './frame/json.ts';
import { Scanner } from './frame/scanner.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** Keywords whose values are data, in which `$ref` is no reference. */
const DATA_KEYWORDS: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

/** Keywords whose values are schemas by name, in which a name may look like a keyword. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * A JSON Schema that becomes a part of another one, at `place`: its references to places in the document lead to where these
 * places are then, and every other byte is as it was. One with an address of its own stays as it is.
 *
 * @param schema - JSON that has been checked.
 * @param place - A JSON Pointer with `#` in front.
 */
export function movedReferences(schema: Buffer, place: string): Buffer {
  const edits = new References(schema, place).find();
  if (edits.length === 0) return schema;
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    parts.push(schema.subarray(at, start), Buffer.from(text));
    at = end;
  }
  return Buffer.concat([...parts, schema.subarray(at)]);
}

/** Finds references in one pass over the text. */
class References {
  readonly #scanner: Scanner;
  readonly #place: string;
  readonly #edits: Edit[] = [];

  constructor(schema: Buffer, place: string) {
    this.#scanner = new Scanner(schema);
    this.#place = place;
  }

  find(): readonly Edit[] {
    this.#value(false);
    return this.#edits;
  }

  /** @param areNames - Whether the keys of an object are names and no keywords. */
  #value(areNames: boolean): void {
    const scanner = this.#scanner;
    const first = scanner.space();
    if (first === OPEN) this.#object(areNames);
    else if (first === OPEN_LIST) scanner.list(() => this.#value(false));
    else scanner.skip(0);
  }

  #object(areNames: boolean): void {
    const scanner = this.#scanner;
    const before = this.#edits.length;
    let opensScope = false;
    do {
      scanner.at++;
      if (scanner.space() === CLOSE) break; // an object without members
      const key = this.#text();
      scanner.space();
      scanner.at++;
      const isText = scanner.space() === QUOTE;
      if (areNames) this.#value(false);
      else if (key === '$id') opensScope = this.#address(isText);
      else if (isText && (key === '$ref' || key === '$dynamicRef')) this.#reference();
      else if (DATA_KEYWORDS.has(key)) scanner.skip(0);
      else this.#value(NAMED_SCHEMAS.has(key));
    } while (scanner.space() === COMMA);
    scanner.at++;
    // References within a schema that has an address of its own are told from there.
    if (opensScope) this.#edits.length = before;
  }

  /** Whether the value of `$id` is more than a name within the document. */
  #address(isText: boolean): boolean {
    if (isText) return !this.#text().startsWith('#');
    this.#scanner.skip(0);
    return true;
  }

  #reference(): void {
    const start = this.#scanner.at;
    const reference = this.#text();
    if (reference !== '#' && !reference.startsWith('#/')) return;
    const text = JSON.stringify(this.#place + reference.slice(1));
    this.#edits.push({ start, end: this.#scanner.at, text });
  }

  #text(): string {
    const scanner = this.#scanner;
    const start = scanner.at++;
    scanner.string();
    return parseSpan(scanner.bytes, start, scanner.at) as string;
  }
}
