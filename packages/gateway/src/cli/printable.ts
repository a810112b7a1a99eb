/** A text of somebody else's, such as a name from a file, without what moves a terminal's cursor or colours what follows. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that terminals obey
  return text.replace(/[\u0000-\u001F\u007F-\u009F]+/g, ' ');
}

/** A text with the paths in it as people say them: `~/.cursor/mcp.json`. */
export function underHome(text: string, home: string): string {
  return home.length > 1 ? text.replaceAll(`${home}/`, '~/') : text;
}
