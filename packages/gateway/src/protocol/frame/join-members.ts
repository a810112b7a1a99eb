import type { Member, ScannedObject } from './scanned-object.ts';

const BEGINNING = Buffer.from('{');
const END = Buffer.from('}');
const COMMA = Buffer.from(',');

/** Keys that the gateway adds are few and short; of those that others choose no more than these are kept. */
const MAX_KEY_PIECES = 64;
const MAX_KEY_LENGTH = 64;
const keyPieces = new Map<string, Buffer>();

function keyPiece(key: string): Buffer {
  const known = keyPieces.get(key);
  if (known) return known;
  const piece = Buffer.from(`${JSON.stringify(key)}:`);
  if (keyPieces.size < MAX_KEY_PIECES && key.length <= MAX_KEY_LENGTH) keyPieces.set(key, piece);
  return piece;
}

/**
 * The text of an object after edits, as parts. Members that were neighbours and still are stay one slice, with whatever
 * stands between them.
 */
export function joinMembers(source: Buffer, origin: ScannedObject, members: readonly Member[]): readonly Buffer[] {
  const parts: Buffer[] = [];
  // A slice of the source that is still growing; -1 where none is.
  let from = members[0]?.index === 0 ? origin.start : -1;
  if (from === -1) parts.push(BEGINNING);
  let before = -1;
  for (const [i, member] of members.entries()) {
    const continues = member.index !== -1 && member.index === before + 1 && from !== -1;
    if (!continues) {
      const end = members[i - 1]?.end ?? 0;
      if (from !== -1 && from < end) parts.push(source.subarray(from, end));
      if (i > 0) parts.push(COMMA);
      from = member.from;
    }
    const { put } = member;
    if (put === undefined) {
      before = member.index;
      continue;
    }
    if (member.index === -1) {
      parts.push(keyPiece(member.key));
      from = -1;
    } else {
      parts.push(source.subarray(from, member.start));
      from = member.end;
    }
    if (Buffer.isBuffer(put)) parts.push(put);
    else put.writeTo(parts);
    before = member.index;
  }
  const last = members.at(-1);
  if (from === -1 || last === undefined) parts.push(END);
  else if (last.index === origin.members.length - 1) parts.push(source.subarray(from, origin.end));
  else if (from === last.end) parts.push(END);
  else parts.push(source.subarray(from, last.end), END);
  return parts;
}
