/** The members of a JSON object with their values as they are written; undefined where the text is no object. */
export function membersOf(text: string): ReadonlyMap<string, string> | undefined {
  const parts = partsOf(text, '{', '}');
  if (!parts) return undefined;
  const members = new Map<string, string>();
  for (const part of parts) {
    const end = stringEnd(part, 0);
    const colon = part.indexOf(':', end);
    members.set(JSON.parse(part.slice(0, end)) as string, part.slice(colon + 1).trim());
  }
  return members;
}

/** The items of a JSON array as they are written; undefined where the text is no array. */
export function itemsOf(text: string): readonly string[] | undefined {
  return partsOf(text, '[', ']');
}

/** Splits valid JSON at the commas of its first level. */
function partsOf(text: string, opens: string, closes: string): string[] | undefined {
  const whole = text.trim();
  if (!whole.startsWith(opens) || !whole.endsWith(closes)) return undefined;
  const parts: string[] = [];
  let depth = 0;
  let start = 1;
  for (let at = 1; at < whole.length - 1; at++) {
    const char = whole[at];
    if (char === '"') at = stringEnd(whole, at) - 1;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(whole.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = whole.slice(start, -1).trim();
  return last === '' ? parts : [...parts, last];
}

/** Where the string that starts at `from` has ended. */
function stringEnd(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
