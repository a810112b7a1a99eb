/** A text of somebody else's, such as a name from a file, without what moves a terminal's cursor, colours or turns what follows. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, ' ');
}

/** A text with the paths in it as people say them: `~/.cursor/mcp.json`. */
export function underHome(text: string, home: string): string {
  return home.length > 1 ? text.replaceAll(`${home}/`, '~/') : text;
}
