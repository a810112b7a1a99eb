/**
 * JSON.parse, save that it never sees a key with an escape: V8 reads those wrong after certain others (nodejs/node#63785).
 * Each key is read alone, and written as digits before the whole is parsed.
 */
export function parseJson(text: string): unknown {
  JSON.parse(text); // whether it is JSON at all
  if (!text.includes('\\')) return JSON.parse(text);
  const plain = text.replaceAll(/"((?:[^"\\]|\\.)*)"([ \n\r\t]*:)?/g, (token, _inner, colon?: string) =>
    colon === undefined ? token : `"${digitsOf(JSON.parse(token.slice(0, -colon.length)) as string)}":`,
  );
  return withKeys(JSON.parse(plain));
}

function digitsOf(key: string): string {
  return `k${Array.from({ length: key.length }, (_, i) => key.charCodeAt(i).toString(16).padStart(4, '0')).join('')}`;
}

function withKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([digits, inner]) => [keyOf(digits), withKeys(inner)]));
}

function keyOf(digits: string): string {
  const units = digits.slice(1).match(/.{4}/g) ?? [];
  return String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)));
}
