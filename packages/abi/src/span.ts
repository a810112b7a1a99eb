/** Where a value lies in guest memory. Both are unsigned 32-bit byte counts. Source: ABI.md §1, "Span". */
export interface Span {
  readonly pointer: number;
  readonly byteLength: number;
}

// One reused 8-byte cell: moving halves through it makes one BigInt at most, where shifting makes three.
const cell = new DataView(new ArrayBuffer(8));

/**
 * Packs a span into the i64 that guests take: `pointer << 32 | byteLength`, as an unsigned BigInt.
 *
 * @throws TypeError when a part is not an unsigned 32-bit integer.
 */
export function packSpan(span: Span): bigint {
  if (span.pointer >>> 0 !== span.pointer || span.byteLength >>> 0 !== span.byteLength) {
    throw new TypeError(
      `Expected a span of unsigned 32-bit integers, got pointer ${span.pointer} and byteLength ${span.byteLength}.`,
    );
  }
  cell.setUint32(4, span.pointer, true);
  cell.setUint32(0, span.byteLength, true);
  return cell.getBigUint64(0, true);
}

/** Unpacks the i64 that a guest returns, which JavaScript sees signed. Bits above the 64th are ignored. */
export function unpackSpan(packed: bigint): Span {
  cell.setBigInt64(0, packed, true);
  return { pointer: cell.getUint32(4, true), byteLength: cell.getUint32(0, true) };
}
