/** About how many bytes a value has as JSON, without writing it: escapes in texts are not counted. */
export function jsonSize(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2;
  if (typeof value !== 'object' || value === null) return String(value).length;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) size += jsonSize(item) + 1;
    return size;
  }
  for (const key in value) size += key.length + 4 + jsonSize((value as Record<string, unknown>)[key]);
  return size;
}
