import type { Bytes } from '../protocol/frame/write-frame.ts';

/** Below this size joining parts costs less than a write for each. */
const JOIN_BELOW_BYTES = 16_384;

/** One buffer for small pieces, the parts as they are for large ones. */
export function joinSmall(bytes: Bytes, byteLength: number): Bytes {
  return bytes.length > 1 && byteLength < JOIN_BELOW_BYTES ? [Buffer.concat(bytes, byteLength)] : bytes;
}

/** All of it as one buffer. */
export function whole(bytes: Bytes): Buffer {
  const [first] = bytes;
  return bytes.length === 1 && first ? first : Buffer.concat(bytes);
}

/** All of it in memory of its own: a part of Node's pool would keep the pool alive for as long as it is kept. What has memory of its own is not copied. */
export function inOwnMemory(bytes: Bytes, byteLength: number): Buffer {
  const [first] = bytes;
  if (bytes.length === 1 && first && first.buffer.byteLength === first.length) return first;
  const own = Buffer.allocUnsafeSlow(byteLength);
  let at = 0;
  for (const part of bytes) at += part.copy(own, at);
  return own;
}
