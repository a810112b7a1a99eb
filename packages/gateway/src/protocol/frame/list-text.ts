import type { ObjectText } from './object-text.ts';

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

/** A JSON list of objects, each as it was written. */
export function listText(items: readonly ObjectText[]): Buffer {
  const parts: Buffer[] = [OPEN];
  for (const [index, item] of items.entries()) {
    if (index > 0) parts.push(COMMA);
    item.writeTo(parts);
  }
  parts.push(CLOSE);
  return Buffer.concat(parts);
}
