import { parseJsonText } from '@lockgate/abi/without-guests';

/** TypeScript does not know `JSON.rawJSON` yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * A number that JavaScript prints otherwise than it was written, such as `1.0` or one of twenty digits: it counts as the nearest double and is printed as it
 * was written.
 */
export class ExactNumber extends Number {
  readonly #text: string;

  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  toJSON(): unknown {
    return rawJSON(this.#text);
  }
}

/**
 * Whether a text may have a number that JavaScript prints otherwise: of sixteen digits or more, with an exponent, a zero at the end of a fraction, many zeros at
 * its beginning, or -0. It looks into strings as well, where it may find one that is none.
 */
const MAY_BE_INEXACT =
  /(?:^|[[,:\s])(?:-?(?:\d{16}|[\d.]{17}|\d+\.0{5}|\d+\.\d*0(?![^\s,\]}])|\d+(?:\.\d+)?[eE])|-0(?![^\s,\]}]))/;

/**
 * Parses JSON so that JSON.stringify prints every number as it was written.
 *
 * @throws SyntaxError where it is none.
 */
export function parseExactly(text: string): unknown {
  return MAY_BE_INEXACT.test(text) ? parseJsonText(text, exactNumber) : parseJsonText(text);
}

/**
 * Signs of JSON, weighed by what they cost, above which a text is not parsed where everybody waits: some 30 ms. Bytes do not say it: a text may be one string,
 * or as many empty objects as fit in.
 */
const MAX_WEIGHT = 640_000;

/** How much less of it may be parsed where each number is looked at, of which digits count as well. */
const INEXACT = 3;

/** Signs in strings count too: telling them apart would take as long as parsing does. */
const WEIGHTS = weights([',:.\\', 1], ['{[', 3]);
const INEXACT_WEIGHTS = weights([',:.\\0123456789', 1], ['{[', 3]);

/** Whether a JSON text can be parsed, by `parseExactly` too, without keeping everybody waiting. */
export function isSoonParsed(text: string): boolean {
  if (text.length * 3 <= MAX_WEIGHT / INEXACT) return true;
  const isInexact = MAY_BE_INEXACT.test(text);
  const most = isInexact ? MAX_WEIGHT / INEXACT : MAX_WEIGHT;
  const table = isInexact ? INEXACT_WEIGHTS : WEIGHTS;
  let weight = 0;
  for (let at = 0; at < text.length; at++) {
    weight += table[text.charCodeAt(at)] ?? 0;
    if (weight > most) return false;
  }
  return true;
}

function weights(...all: readonly (readonly [signs: string, weight: number])[]): Uint8Array {
  const table = new Uint8Array(128);
  for (const [signs, weight] of all) for (const sign of signs) table[sign.charCodeAt(0)] = weight;
  return table;
}

/** Whether a parsed value is an object with members: no list, no number, no null. */
export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

function exactNumber(text: string): unknown {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}
