/** What a text of so many characters takes as values, at most; each is 3 characters at least, with the comma behind it. */
const MOST_HELD_PER_CHARACTER = 48;

const OBJECT_BYTES = 112;
const ARRAY_BYTES = 96;
const PLACE_BYTES = 16;
const TEXT_BYTES = 48;
const FIELD_BYTES = 24;

/** Of the characters that stand for values, beside the text itself. The name of a field is known from others like it. */
const HELD_BYTES: Readonly<Record<string, number>> = {
  '{': OBJECT_BYTES,
  '[': ARRAY_BYTES,
  ',': PLACE_BYTES,
  '"': TEXT_BYTES,
  ':': FIELD_BYTES - TEXT_BYTES,
};

/**
 * About what the values of a JSON text take of the host's memory, parsed and made values of a component's types: many times what the text does. Short texts, which
 * cannot take as much as `most`, are not looked at.
 */
export function heldByJson(text: string, most: number): number {
  if (text.length * MOST_HELD_PER_CHARACTER <= most) return 0;
  let held = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    held += HELD_BYTES[character] ?? 0;
    if (character === '"') at = endOfString(text, at + 1);
  }
  return held;
}

function endOfString(text: string, start: number): number {
  let at = start;
  for (; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at += 1;
  return at;
}
