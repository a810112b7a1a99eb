import type { Bytes } from './write-frame.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const NEWLINE = Buffer.from('\n');
const LINE_SEPARATOR = Buffer.from('\u2028');
const PARAGRAPH_SEPARATOR = Buffer.from('\u2029');
/** The first byte of both separators, and of other characters. */
const SEPARATOR_BEGINS = 0xe2;
/** Below this length, looking at each byte is cheaper than asking Node to search. */
const LOOKED_AT_BELOW_BYTES = 512;

/**
 * JSON as one line for a pipe, with one line feed at its end.
 *
 * Raw line feeds and carriage returns become spaces: they stand between tokens only. U+2028 and U+2029, at which some
 * readers break lines, become escapes: they stand inside strings only. Parts that have none of these are not copied.
 *
 * @param bytes - Validated JSON, cut between tokens only.
 */
export function toLine(bytes: Bytes): Bytes {
  const line: Buffer[] = [];
  for (const part of bytes) line.push(mayBreakLines(part) ? withoutSeparators(withoutBreaks(part)) : part);
  line.push(NEWLINE);
  return line;
}

/** JSON as the data of one event of a stream: as {@link toLine}, but U+2028 and U+2029 stay, and no line feed is added. */
export function toEventData(bytes: Bytes): Bytes {
  return bytes.map(withoutBreaks);
}

function withoutBreaks(part: Buffer): Buffer {
  let at = firstBreak(part);
  if (at === -1) return part;
  const copy = Buffer.from(part);
  for (; at < copy.length; at++) {
    if (copy[at] === LINE_FEED || copy[at] === CARRIAGE_RETURN) copy[at] = SPACE;
  }
  return copy;
}

function firstBreak(part: Buffer): number {
  const feed = part.indexOf(LINE_FEED);
  const carriage = part.indexOf(CARRIAGE_RETURN);
  return feed === -1 || (carriage !== -1 && carriage < feed) ? carriage : feed;
}

/** Whether it has a break, or perhaps a separator; most parts have neither. */
function mayBreakLines(part: Buffer): boolean {
  if (part.length >= LOOKED_AT_BELOW_BYTES) return firstBreak(part) !== -1 || part.includes(SEPARATOR_BEGINS);
  // By index: the iterator of a Buffer costs ten times as much.
  for (let i = 0; i < part.length; i++) {
    const byte = part[i];
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === SEPARATOR_BEGINS) return true;
  }
  return false;
}

function withoutSeparators(part: Buffer): Buffer {
  if (!part.includes(LINE_SEPARATOR) && !part.includes(PARAGRAPH_SEPARATOR)) return part;
  return Buffer.from(part.toString('utf8').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'));
}
