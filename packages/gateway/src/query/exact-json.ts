import { parseJsonText } from '@lockgate/abi';

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
const MAY_BE_INEXACT = /\d{16}|[\d.]{17}|\.0{5}|(?:\.\d*0|\d[eE][+-]?\d+|-0)(?![^\s,\]}])/;

/**
 * Parses JSON so that JSON.stringify prints every number as it was written.
 *
 * @throws SyntaxError where it is none.
 */
export function parseExactly(text: string): unknown {
  return MAY_BE_INEXACT.test(text) ? parseJsonText(text, exactNumber) : parseJsonText(text);
}

/** Whether a parsed value is an object with members: no list, no number, no null. */
export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

function exactNumber(text: string): unknown {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}
