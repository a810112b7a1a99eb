/** What values may take of the host's memory for each byte that may pass; the heaps of threads are made for it. */
export const HELD_PER_BYTE = 8;

/** What a text of so many characters takes as values, at most; each is 3 characters at least, with the comma behind it. */
const MOST_HELD_PER_CHARACTER = 48;

const OBJECT_BYTES = 112;
const ARRAY_BYTES = 96;
const PLACE_BYTES = 16;
const TEXT_BYTES = 48;
const FIELD_BYTES = 24;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Of the characters that stand for values, beside the text itself. The name of a field is known from others like it. */
const HELD_BYTES: Readonly<Record<number, number>> = {
  123: OBJECT_BYTES,
  91: ARRAY_BYTES,
  44: PLACE_BYTES,
  [QUOTE]: TEXT_BYTES,
  58: FIELD_BYTES - TEXT_BYTES,
};

/** The same by code. */
const HELD = Int16Array.from({ length: 128 }, (_, code) => HELD_BYTES[code] ?? 0);

/**
 * About what the values of a JSON text, or of its bytes, take of the host's memory, parsed and made values of a component's types: many times what the text does. Short texts, which
 * cannot take as much as `most`, are not looked at.
 */
export function heldByJson(text: string | Uint8Array, most: number): number {
  if (text.length * MOST_HELD_PER_CHARACTER <= most) return 0;
  const codeAt = typeof text === 'string' ? (at: number) => text.charCodeAt(at) : (at: number) => text[at] as number;
  let held = 0;
  for (let at = 0; at < text.length; at++) {
    const code = codeAt(at);
    if (code < HELD.length) held += HELD[code] as number;
    if (code !== QUOTE) continue;
    for (at += 1; at < text.length && codeAt(at) !== QUOTE; at++) if (codeAt(at) === BACKSLASH) at += 1;
  }
  return held;
}
