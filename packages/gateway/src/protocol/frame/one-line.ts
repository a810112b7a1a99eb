import type { Bytes } from './write-frame.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const NEWLINE = Buffer.from('\n');
const LINE_SEPARATOR = Buffer.from('\u2028');
const PARAGRAPH_SEPARATOR = Buffer.from('\u2029');
/** Below this length, looking at each byte is cheaper than asking Node to search. */
const LOOKED_AT_BELOW_BYTES = 256;

/**
 * JSON as one line for a pipe, with one line feed at its end.
 *
 * Raw line feeds and carriage returns become spaces: they stand between tokens only. U+2028 and U+2029, at which some
 * readers break lines, become escapes: they stand inside strings only. Parts that have none of these are not copied.
 *
 * @param bytes - Validated JSON, cut between tokens only.
 */
export function toLine(bytes: Bytes): Bytes {
  return [...bytes.map((part) => withoutSeparators(withoutBreaks(part))), NEWLINE];
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
  if (part.length < LOOKED_AT_BELOW_BYTES) {
    for (let i = 0; i < part.length; i++) if (part[i] === LINE_FEED || part[i] === CARRIAGE_RETURN) return i;
    return -1;
  }
  const feed = part.indexOf(LINE_FEED);
  const carriage = part.indexOf(CARRIAGE_RETURN);
  return feed === -1 || (carriage !== -1 && carriage < feed) ? carriage : feed;
}

function withoutSeparators(part: Buffer): Buffer {
  if (!part.includes(LINE_SEPARATOR) && !part.includes(PARAGRAPH_SEPARATOR)) return part;
  return Buffer.from(part.toString('utf8').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'));
}
