const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const COLON = 58;
const BACKSLASH = 92;

/**
 * The id in bytes that were meant to be an answer and are no frame: not UTF-8, not JSON, too deep or cut off. Looks only at
 * the outermost object; whatever stands deeper is passed over by its quotes and brackets.
 *
 * @returns Undefined where there is no positive integer as id, more than one id, or nothing that makes it an answer.
 */
export function answeredId(bytes: Buffer): number | undefined {
  let depth = 0;
  let ids = 0;
  let id: number | undefined;
  let answers = false;
  let begins = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte <= 32) continue;
    if (byte === QUOTE) {
      const end = stringEnd(bytes, at + 1);
      const colon = depth === 1 && begins ? colonAt(bytes, end + 1) : -1;
      begins = false;
      if (colon === -1) {
        at = end;
        continue;
      }
      const key = end - at <= 7 ? bytes.toString('latin1', at + 1, end).toLowerCase() : '';
      if (key === 'method') return undefined;
      if (key === 'result' || key === 'error') answers = true;
      if (key === 'id') {
        ids++;
        id = integerAt(bytes, colon + 1);
      }
      at = colon;
      continue;
    }
    // Bit 6 with 27 or 29 below it: square brackets and braces, which differ in bit 5 only.
    const bracket = byte | 32;
    if (bracket === 123) depth++;
    else if (bracket === 125) depth--;
    begins = depth === 1 && (bracket === 123 || byte === COMMA);
  }
  return answers && ids === 1 ? id : undefined;
}

/** Where the string's closing quote is, or the end of the bytes. */
function stringEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

function colonAt(bytes: Buffer, from: number): number {
  const at = spaceEnd(bytes, from);
  return bytes[at] === COLON ? at : -1;
}

function spaceEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] as number) <= 32) at++;
  return at;
}

/** A number that is cut off at the end of the bytes is none: it may have had more digits. */
function integerAt(bytes: Buffer, from: number): number | undefined {
  const start = spaceEnd(bytes, from);
  let number = 0;
  let at = start;
  for (; at < bytes.length; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  const next = bytes[spaceEnd(bytes, at)];
  const isWhole = next === COMMA || next === 125;
  return isWhole && at > start && at - start <= 15 && bytes[start] !== ZERO ? number : undefined;
}
