/** A call of a function by its name, with the bytes that it is handed. */
export interface NamedCall {
  readonly name: string;
  readonly args: readonly Uint8Array[];
}

const LENGTH_BYTES = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The name and the arguments one after the other, each after its length. */
export function encodeNamedCall({ name, args }: NamedCall): Uint8Array {
  const parts = [encoder.encode(name), ...args];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    bytes.set(part, at + LENGTH_BYTES);
    at += LENGTH_BYTES + part.length;
  }
  return bytes;
}

/** Copies: what it is read from will be written over. */
export function decodeNamedCall(bytes: Uint8Array): NamedCall {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + LENGTH_BYTES + view.getUint32(at);
    parts.push(new Uint8Array(bytes.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  const [name = new Uint8Array(0), ...args] = parts;
  return { name: decoder.decode(name), args };
}
