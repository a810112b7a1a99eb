import { isUtf8 } from 'node:buffer';
import { FrameError } from './frame-error.ts';

/** @throws FrameError where the bytes are not strictly UTF-8. */
export function assertUtf8(bytes: Buffer): void {
  if (isUtf8(bytes)) return;
  throw new FrameError({ rpcCode: -32700, problem: 'is not UTF-8', byteOffset: firstBadByte(bytes) });
}

/** By halves. A text that is cut inside a character is good until at most three bytes before the cut. */
function firstBadByte(bytes: Buffer): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (goodLength(bytes, middle) === undefined) bad = middle;
    else good = middle;
  }
  return goodLength(bytes, good) ?? 0;
}

function goodLength(bytes: Buffer, end: number): number | undefined {
  for (let length = end; length >= 0 && length >= end - 3; length--) {
    if (isUtf8(bytes.subarray(0, length))) return length;
  }
  return undefined;
}
