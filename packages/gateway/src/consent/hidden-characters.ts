/**
 * Characters that people do not see and models read: formatting, tags, private and unassigned ones, fillers, controls other than tab and line breaks, and
 * selectors that emoji do not have. What joins two emoji is seen.
 */
const HIDDEN =
  /(?!(?<=\p{Extended_Pictographic}\uFE0F?)\u200D(?=\p{Extended_Pictographic}))(?:[\p{Cf}\p{Co}\p{Cn}\u115F\u1160\u3164\uFFA0\u2800]|[\u180B-\u180F]|[\uFE00-\uFE0D]|[\u{E0100}-\u{E01EF}])|(?![\t\n\r])\p{Cc}/gu;

/** The hidden characters of a text, each once, as `U+200B`. */
export function hiddenCharacters(text: string): readonly string[] {
  return [...new Set(text.match(HIDDEN) ?? [])].map((one) => `U+${codePoint(one)}`);
}

/** The same text with its hidden characters written out as `\u{200B}`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (one) => `\\u{${codePoint(one)}}`);
}

function codePoint(one: string): string {
  return (one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
