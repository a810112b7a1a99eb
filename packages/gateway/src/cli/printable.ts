/** A text of somebody else's, such as a name from a file, without what moves a terminal's cursor or colours what follows. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that terminals obey
  return text.replace(/[\u0000-\u001F\u007F-\u009F]+/g, ' ');
}
