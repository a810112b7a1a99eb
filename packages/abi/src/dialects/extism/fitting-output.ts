import { MessageTooLargeError } from '../../errors.ts';
import { HELD_PER_BYTE, heldByJson } from '../../held-by-json.ts';
import { LONGEST_MESSAGE_BYTES } from '../../longest-message.ts';

/** What one byte becomes at most in JSON: `\u0001`. */
const MOST_PER_BYTE = 6;
const SHORT_ESCAPE_BYTES = 2;
/** U+FFFD, which stands for what is no UTF-8. */
const REPLACEMENT_BYTES = 3;

const FIRST_PRINTABLE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `\b`, `\t`, `\n`, `\f` and `\r`. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13]);
const FIRST_OF_MANY = 0x80;
/** What each character of ASCII has as JSON. */
const WRITTEN = Uint8Array.from({ length: FIRST_OF_MANY }, (_, byte) => {
  if (byte >= FIRST_PRINTABLE) return byte === QUOTE || byte === BACKSLASH ? SHORT_ESCAPE_BYTES : 1;
  return SHORT_ESCAPES.has(byte) ? SHORT_ESCAPE_BYTES : MOST_PER_BYTE;
});
const FIRST_LEAD = 0xc2;

interface Fitting {
  readonly limitBytes: number;
  /** Whether it will be parsed as JSON. */
  readonly isJson: boolean;
}

/**
 * Refuses what a guest says where it is longer than a message may be: as it is, as the JSON of the answer that it becomes a part of, or, if it is JSON itself, as values. All is counted in its
 * bytes, before a text is made of them: an engine that finds no room for one large text ends the process and not only the thread.
 *
 * @throws ABI_MESSAGE_TOO_LARGE
 */
export function mustFit(bytes: Uint8Array, { limitBytes, isJson }: Fitting): void {
  const refuse = (byteLength: number): never => {
    throw new MessageTooLargeError({ direction: 'from guest', byteLength, limitBytes });
  };
  if (bytes.length > limitBytes) refuse(bytes.length);
  const byteLength = writtenLength(bytes, Math.min(limitBytes, LONGEST_MESSAGE_BYTES));
  if (byteLength > limitBytes) refuse(byteLength);
  if (byteLength > LONGEST_MESSAGE_BYTES)
    throw new MessageTooLargeError({
      direction: 'from guest',
      measure: 'fixed',
      byteLength,
      limitBytes: LONGEST_MESSAGE_BYTES,
    });
  const mostHeld = limitBytes * HELD_PER_BYTE;
  const held = isJson ? heldByJson(bytes, mostHeld) : 0;
  if (held > mostHeld)
    throw new MessageTooLargeError({
      direction: 'from guest',
      measure: 'values',
      byteLength: held,
      limitBytes: mostHeld,
    });
}

/** What it has as a JSON string, in bytes, without its quotes. Short ones, which cannot have as much as `most`, are not looked at. */
function writtenLength(bytes: Uint8Array, most: number): number {
  if (bytes.length * MOST_PER_BYTE <= most) return 0;
  let written = 0;
  /** Bytes of a character that are to come, and those that have. */
  let open = 0;
  let come = 0;
  let lead = 0;
  // By index: the iterator of an array of bytes costs many times as much.
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (open === 0 && byte < FIRST_OF_MANY) {
      written += WRITTEN[byte] as number;
      continue;
    }
    if (byte >= FIRST_OF_MANY && byte < 0xc0 && open > 0 && (come > 1 || mayFollow(lead, byte))) {
      open -= 1;
      come += 1;
      written += 1;
      continue;
    }
    if (open > 0) written += Math.max(0, REPLACEMENT_BYTES - come);
    open = moreBytes(byte);
    come = 1;
    lead = byte;
    if (open > 0) written += 1;
    else written += byte < FIRST_OF_MANY ? (WRITTEN[byte] as number) : REPLACEMENT_BYTES;
  }
  return written + (open > 0 ? Math.max(0, REPLACEMENT_BYTES - come) : 0);
}

/** Bytes that follow the first one of a character. */
function moreBytes(byte: number): number {
  if (byte < FIRST_LEAD || byte > 0xf4) return 0;
  return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
}

/** Whether a second byte makes no character of too many bytes, no half of a pair and none beyond the last. Source: Unicode 16, table 3-7. */
function mayFollow(lead: number, byte: number): boolean {
  switch (lead) {
    case 0xe0:
      return byte >= 0xa0;
    case 0xed:
      return byte < 0xa0;
    case 0xf0:
      return byte >= 0x90;
    case 0xf4:
      return byte < 0x90;
    default:
      return true;
  }
}
