/** A piece of the wire in one or more parts; parts are joined only where that is cheaper than writing them one by one. */
export type Bytes = readonly Buffer[];

/** Below this size joining parts costs less than a write for each. */
const JOIN_BELOW_BYTES = 16_384;

/** One buffer for small pieces, the parts as they are for large ones. */
export function joinSmall(bytes: Bytes, byteLength: number): Bytes {
  return bytes.length > 1 && byteLength < JOIN_BELOW_BYTES ? [Buffer.concat(bytes, byteLength)] : bytes;
}

export function sizeOf(bytes: Bytes): number {
  let size = 0;
  for (const part of bytes) size += part.byteLength;
  return size;
}

/** All of it as one buffer. */
export function whole(bytes: Bytes): Buffer {
  const [first] = bytes;
  return bytes.length === 1 && first ? first : Buffer.concat(bytes);
}
