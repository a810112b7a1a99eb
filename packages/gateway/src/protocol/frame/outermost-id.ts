import { parseJsonText } from '@lockgate/abi/without-guests';

const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const COLON = 58;
const BACKSLASH = 92;

/** Of the keys that are looked for, however they are written: six escapes. */
const LONGEST_KEY = 36;

/** What the outermost object of bytes that are no frame says of itself. */
interface Outermost {
  /** Where the value of the one id begins. */
  readonly id: number | undefined;
  readonly ids: number;
  readonly isAnswer: boolean;
  readonly isRequest: boolean;
  /** Whether all that was opened is closed. */
  readonly isWhole: boolean;
}

/**
 * The id in bytes that were meant to be an answer and are no frame: not UTF-8, not JSON, too deep or cut off.
 *
 * @returns Undefined where there is no positive integer as id, more than one id, or nothing that makes it an answer.
 */
export function answeredId(bytes: Buffer): number | undefined {
  const { id, isAnswer, isRequest } = outermost(bytes);
  return isAnswer && !isRequest && id !== undefined ? integerAt(bytes, id) : undefined;
}

/**
 * The id in bytes that were meant to be a request and are no frame since they are too deep, as it came: a view.
 *
 * @returns Undefined where there is no string or number as id, more than one id, or nothing that makes it a request.
 */
export function askedId(bytes: Buffer): Buffer | undefined {
  const { id, isAnswer, isRequest, isWhole } = outermost(bytes);
  return isRequest && !isAnswer && isWhole ? scalarAt(bytes, id) : undefined;
}

/** As {@link askedId}, of an answer, whoever chose the id. */
export function answeredScalar(bytes: Buffer): Buffer | undefined {
  const { id, isAnswer, isRequest, isWhole } = outermost(bytes);
  return isAnswer && !isRequest && isWhole ? scalarAt(bytes, id) : undefined;
}

/** Whether bytes that are no frame were meant to be a request or a notification. */
export function isMeantToAsk(bytes: Buffer): boolean {
  const { isAnswer, isRequest } = outermost(bytes);
  return isRequest && !isAnswer;
}

/** Whether bytes that are no frame have nothing of one either: no id, no method, no result and no error. */
export function saysNothing(bytes: Buffer): boolean {
  const { ids, isAnswer, isRequest } = outermost(bytes);
  return ids === 0 && !isAnswer && !isRequest;
}

/** Looks only at the outermost object; whatever stands deeper is passed over by its quotes and brackets. */
function outermost(bytes: Buffer): Outermost {
  let depth = 0;
  let ids = 0;
  let id: number | undefined;
  let isAnswer = false;
  let isRequest = false;
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
      const key = bytes.toString('latin1', at + 1, Math.min(end, at + 1 + LONGEST_KEY)).toLowerCase();
      if (key === 'method') isRequest = true;
      if (key === 'result' || key === 'error') isAnswer = true;
      // What is written with escapes may be an id too.
      if (key === 'id' || key.includes('\\')) {
        ids++;
        id = colon + 1;
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
  return { id: ids === 1 ? id : undefined, ids, isAnswer, isRequest, isWhole: depth === 0 };
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

/** A string or a number, as it came. */
function scalarAt(bytes: Buffer, from: number | undefined): Buffer | undefined {
  if (from === undefined) return undefined;
  const start = spaceEnd(bytes, from);
  const end = bytes[start] === QUOTE ? stringEnd(bytes, start + 1) + 1 : numberEnd(bytes, start);
  return isScalar(bytes, start, end) ? bytes.subarray(start, end) : undefined;
}

function numberEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== 125 && (bytes[at] as number) > 32) at++;
  return at;
}

function isScalar(bytes: Buffer, start: number, end: number): boolean {
  try {
    return ['string', 'number'].includes(typeof parseJsonText(bytes.toString('utf8', start, end)));
  } catch {
    return false;
  }
}
