const CONTINUES = 0x80;

/**
 * A part of a text in UTF-8 that holds whole characters only: one that the beginning cuts is left to the part before, one that the end cuts to the part after.
 * It has a character at least, unless the text ends before.
 */
export function byteRange(
  text: Buffer,
  offset: number,
  length: number,
): { readonly part: Buffer; readonly end: number } {
  let start = Math.min(offset, text.length);
  while (isInside(text, start)) start++;
  let end = Math.min(start + length, text.length);
  while (end > start && isInside(text, end)) end--;
  if (end === start && start < text.length) {
    end++;
    while (isInside(text, end)) end++;
  }
  return { part: text.subarray(start, end), end };
}

/** Whether a character that began before goes on here. */
function isInside(text: Buffer, at: number): boolean {
  return ((text[at] ?? 0) & 0xc0) === CONTINUES;
}
