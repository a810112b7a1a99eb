import { parseNumbersBy } from './json.ts';
import type { ObjectText } from './object-text.ts';

/** A number that JavaScript prints otherwise than it was sent, kept as it was sent. TypeScript does not know `JSON.rawJSON` yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * The value of a member in which every number is printed as it was sent: who judges it, and who is sent it, read the same.
 * Numbers that JavaScript cannot hold, or prints in another way, stand in it as objects that JSON.stringify knows.
 */
export function exactValue(object: ObjectText, key: string): unknown {
  const bytes = object.bytes(key);
  return bytes && parseNumbersBy(exactNumber, bytes);
}

/** The same for the whole object. */
export function exactObject(object: ObjectText): Record<string, unknown> {
  return parseNumbersBy(exactNumber, object.toBytes()) as Record<string, unknown>;
}

function exactNumber(text: string): unknown {
  const value = Number(text);
  return String(value) === text ? value : rawJSON(text);
}
