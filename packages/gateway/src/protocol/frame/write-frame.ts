import type { ObjectText } from './object-text.ts';

/** Text as parts that are written one after the other. */
export type Bytes = readonly Buffer[];

/** Below this, one copy costs less than a write of several parts. */
const COPIED_BELOW_BYTES = 16_384;
const CLOSE = 125;
const END = Buffer.from('}');

/** @param id - An integer, or the JSON of a string or number. */
export function writeRequest(id: Buffer | number, method: string, params?: ObjectText): Bytes {
  return write(`{"jsonrpc":"2.0","id":${idText(id)},"method":${JSON.stringify(method)}`, 'params', params);
}

export function writeNotification(method: string, params?: ObjectText): Bytes {
  return write(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}`, 'params', params);
}

/** @param id - As it was asked with. */
export function writeResult(id: Buffer | number, result: ObjectText): Bytes {
  return write(`{"jsonrpc":"2.0","id":${idText(id)}`, 'result', result);
}

/** @param id - Undefined where the request could not be read: it is written as null. */
export function writeError(id: Buffer | number | undefined, error: ObjectText): Bytes {
  return write(`{"jsonrpc":"2.0","id":${idText(id)}`, 'error', error);
}

export function byteLengthOf(bytes: Bytes): number {
  let sum = 0;
  for (const part of bytes) sum += part.length;
  return sum;
}

/** Raw ids are UTF-8 that was validated: to text and back changes no byte. */
function idText(id: Buffer | number | undefined): string {
  if (id === undefined) return 'null';
  return typeof id === 'number' ? String(id) : id.toString();
}

function write(head: string, key: string, body: ObjectText | undefined): Bytes {
  if (body === undefined) return [Buffer.from(`${head}}`)];
  const before = `${head},"${key}":`;
  if (body.byteLength >= COPIED_BELOW_BYTES) {
    const parts = [Buffer.from(before)];
    body.writeTo(parts);
    parts.push(END);
    return parts;
  }
  const headByteLength = Buffer.byteLength(before);
  const bytes = Buffer.allocUnsafe(headByteLength + body.byteLength + 1);
  bytes.write(before);
  bytes[body.copyTo(bytes, headByteLength)] = CLOSE;
  return [bytes];
}
