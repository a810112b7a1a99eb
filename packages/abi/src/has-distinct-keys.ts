const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;

/**
 * Whether no object of a JSON text has a key twice.
 *
 * @param text - Valid JSON.
 * @param value - What it was parsed to: of equal keys the last one stays, so that fewer are found there than in the text.
 */
export function hasDistinctKeys(text: string, value: unknown): boolean {
  return keysIn(text) === keysOf(value);
}

function keysIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    for (let code = text.charCodeAt(++at); code !== QUOTE; code = text.charCodeAt(++at)) if (code === BACKSLASH) at++;
    do at++;
    while (' \n\r\t'.includes(text.charAt(at)) && at < text.length);
    if (text.charCodeAt(at) === COLON) count++;
  }
  return count;
}

function keysOf(value: unknown): number {
  let count = 0;
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null) continue;
    const inner = Object.values(next);
    if (!Array.isArray(next)) count += inner.length;
    for (const child of inner) rest.push(child);
  }
  return count;
}
