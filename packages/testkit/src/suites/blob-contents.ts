/** Two contents of an entry that no mixture can be taken for, the new one the longer. */
export const OLD: Uint8Array = blobContent('old', 3_000);
export const NEW: Uint8Array = blobContent('new', 50_000);

/** Bytes that say again and again whose they are. */
export function blobContent(mark: string, byteLength: number): Uint8Array {
  return new TextEncoder().encode(mark.repeat(Math.ceil(byteLength / mark.length))).subarray(0, byteLength);
}
