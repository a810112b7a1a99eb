/** Longest short description, in characters. */
const MAX_LENGTH = 200;

/** The first sentence or line of a description, cut between words where it is long. */
export function shortDescription(description: string): string {
  const text = description.trim();
  const line = text.split(/\n\s*\n|\r?\n/, 1)[0] ?? '';
  // Not after "e.g." or in "v1.2".
  const sentence = /^.{10,}?[.!?\u3002](?=\s+[\p{Lu}\p{N}"'`(]|$)/u.exec(line)?.[0] ?? line;
  const said = sentence.trim();
  if (said.length <= MAX_LENGTH) return said;
  const cut = said.slice(0, MAX_LENGTH - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), MAX_LENGTH / 2)).trimEnd()}…`;
}
