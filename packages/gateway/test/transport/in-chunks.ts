/** The bytes in chunks of these sizes, and one more for the rest. A chunk may be empty. */
export function inChunks(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let start = 0;
  for (const size of [...sizes, bytes.length]) {
    chunks.push(bytes.subarray(start, start + size));
    start += size;
  }
  return chunks;
}
