import { METHODS } from './methods.ts';
import type { ObjectText } from './object-text.ts';

/** Text as parts that are written one after the other. */
export type Bytes = readonly Buffer[];

/** ASCII as a string, or any JSON as bytes. */
type Piece = string | Buffer;

/** Below this, one copy costs less than a write of several parts. */
const COPIED_BELOW_BYTES = 16_384;
/** Below this, a loop copies faster than Node does. */
const LOOPED_BELOW_BYTES = 64;

const WITH_ID = Buffer.from('{"jsonrpc":"2.0","id":');
const WITHOUT_ID = Buffer.from('{"jsonrpc":"2.0"');
const METHOD = Buffer.from(',"method":');
const PARAMS = Buffer.from(',"params":');
const RESULT = Buffer.from(',"result":');
const ERROR = Buffer.from(',"error":');
const CLOSE = 125;
const END = Buffer.from('}');
const KNOWN_METHODS: ReadonlyMap<string, Buffer> = new Map(METHODS.map((name) => [name, Buffer.from(`"${name}"`)]));

/** @param id - A finite number, or the JSON of a string or number. */
export function writeRequest(id: Buffer | number, method: string, params?: ObjectText): Bytes {
  return writeCall([WITH_ID, idPiece(id), METHOD, methodPiece(method)], params);
}

export function writeNotification(method: string, params?: ObjectText): Bytes {
  return writeCall([WITHOUT_ID, METHOD, methodPiece(method)], params);
}

/** @param id - As it was asked with. */
export function writeResult(id: Buffer | number, result: ObjectText): Bytes {
  return write([WITH_ID, idPiece(id), RESULT], result);
}

/** @param id - Undefined where the request could not be read: it is written as null. */
export function writeError(id: Buffer | number | undefined, error: ObjectText): Bytes {
  return write([WITH_ID, id === undefined ? 'null' : idPiece(id), ERROR], error);
}

export function byteLengthOf(bytes: Bytes): number {
  let sum = 0;
  for (const part of bytes) sum += part.length;
  return sum;
}

function idPiece(id: Buffer | number): Piece {
  return typeof id === 'number' ? String(id) : id;
}

function methodPiece(method: string): Piece {
  return KNOWN_METHODS.get(method) ?? Buffer.from(JSON.stringify(method));
}

function writeCall(head: Piece[], params: ObjectText | undefined): Bytes {
  if (params !== undefined) return write([...head, PARAMS], params);
  const bytes = begin(head, 1);
  bytes[bytes.length - 1] = CLOSE;
  return [bytes];
}

function write(head: readonly Piece[], body: ObjectText): Bytes {
  if (body.byteLength >= COPIED_BELOW_BYTES) {
    const parts = [begin(head, 0)];
    body.writeTo(parts);
    parts.push(END);
    return parts;
  }
  const room = body.byteLength + 1;
  const bytes = begin(head, room);
  bytes[body.copyTo(bytes, bytes.length - room)] = CLOSE;
  return [bytes];
}

/** The pieces in one piece of memory, with room behind them. */
function begin(pieces: readonly Piece[], room: number): Buffer {
  let byteLength = room;
  for (const piece of pieces) byteLength += piece.length;
  const bytes = Buffer.allocUnsafe(byteLength);
  let at = 0;
  for (const piece of pieces) at = put(bytes, at, piece);
  return bytes;
}

function put(bytes: Buffer, at: number, piece: Piece): number {
  const { length } = piece;
  if (typeof piece === 'string') for (let i = 0; i < length; i++) bytes[at + i] = piece.charCodeAt(i);
  else if (length > LOOPED_BELOW_BYTES) piece.copy(bytes, at);
  else for (let i = 0; i < length; i++) bytes[at + i] = piece[i] as number;
  return at + length;
}
