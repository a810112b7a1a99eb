import { METHODS } from './methods.ts';
import type { ObjectText } from './object-text.ts';

/** Text as parts that are written one after the other. */
export type Bytes = readonly Buffer[];

/** ASCII as a string, any JSON as bytes, or the digits of a positive integer. */
type Piece = string | Buffer | number;

/** Below this, one copy costs less than a write of several parts. */
const COPIED_BELOW_BYTES = 16_384;
/** Below this, a loop copies faster than Node does. */
const LOOPED_BELOW_BYTES = 64;

const WITH_ID = Buffer.from('{"jsonrpc":"2.0","id":');
const WITHOUT_ID = Buffer.from('{"jsonrpc":"2.0"');
const RESULT = Buffer.from(',"result":');
const ERROR = Buffer.from(',"error":');
const ZERO = 48;
const CLOSE = 125;
const END = Buffer.from('}');

/** What stands between an id and the parameters, or the end where there are none. */
interface MethodPieces {
  readonly withParams: Buffer;
  readonly alone: Buffer;
}

const KNOWN_METHODS: ReadonlyMap<string, MethodPieces> = new Map(METHODS.map((name) => [name, piecesOf(name)]));

/** @param id - A finite number, or the JSON of a string or number. */
export function writeRequest(id: Buffer | number, method: string, params?: ObjectText): Bytes {
  return writeCall(WITH_ID, idPiece(id), method, params);
}

export function writeNotification(method: string, params?: ObjectText): Bytes {
  return writeCall(WITHOUT_ID, '', method, params);
}

/** @param id - As it was asked with. */
export function writeResult(id: Buffer | number, result: ObjectText): Bytes {
  return write(WITH_ID, idPiece(id), RESULT, result);
}

/** @param id - Undefined where the request could not be read: it is written as null. */
export function writeError(id: Buffer | number | undefined, error: ObjectText): Bytes {
  return write(WITH_ID, id === undefined ? 'null' : idPiece(id), ERROR, error);
}

export function byteLengthOf(bytes: Bytes): number {
  let sum = 0;
  for (const part of bytes) sum += part.length;
  return sum;
}

function idPiece(id: Buffer | number): Piece {
  return typeof id === 'number' && !(Number.isSafeInteger(id) && id > 0) ? String(id) : id;
}

function piecesOf(method: string): MethodPieces {
  const alone = `,"method":${JSON.stringify(method)}`;
  return { withParams: Buffer.from(`${alone},"params":`), alone: Buffer.from(alone) };
}

function writeCall(head: Buffer, id: Piece, method: string, params: ObjectText | undefined): Bytes {
  const { withParams, alone } = KNOWN_METHODS.get(method) ?? piecesOf(method);
  if (params !== undefined) return write(head, id, withParams, params);
  const bytes = begin(head, id, alone, 1);
  bytes[bytes.length - 1] = CLOSE;
  return [bytes];
}

function write(head: Buffer, id: Piece, tail: Buffer, body: ObjectText): Bytes {
  const { byteLength } = body;
  if (byteLength >= COPIED_BELOW_BYTES) {
    const parts = [begin(head, id, tail, 0)];
    body.writeTo(parts);
    parts.push(END);
    return parts;
  }
  const bytes = begin(head, id, tail, byteLength + 1);
  bytes[body.copyTo(bytes, bytes.length - byteLength - 1)] = CLOSE;
  return [bytes];
}

/** The pieces in one piece of memory, with room behind them. */
function begin(head: Buffer, id: Piece, tail: Buffer, room: number): Buffer {
  const idLength = typeof id === 'number' ? digitsOf(id) : id.length;
  const bytes = Buffer.allocUnsafe(head.length + idLength + tail.length + room);
  const idAt = put(bytes, 0, head);
  // A string of a number that is never seen again costs more than the rest of a small frame's head.
  if (typeof id === 'number') putDigits(bytes, idAt + idLength, id);
  else put(bytes, idAt, id);
  put(bytes, idAt + idLength, tail);
  return bytes;
}

function digitsOf(number: number): number {
  let digits = 1;
  for (let bound = 10; bound <= number; bound *= 10) digits++;
  return digits;
}

/** Writes the digits of a positive integer so that they end before `end`. */
function putDigits(bytes: Buffer, end: number, number: number): void {
  let at = end;
  for (let rest = number; rest > 0; rest = Math.floor(rest / 10)) bytes[--at] = ZERO + (rest % 10);
}

function put(bytes: Buffer, at: number, piece: string | Buffer): number {
  const { length } = piece;
  if (typeof piece === 'string') for (let i = 0; i < length; i++) bytes[at + i] = piece.charCodeAt(i);
  else if (length > LOOPED_BELOW_BYTES) piece.copy(bytes, at);
  else for (let i = 0; i < length; i++) bytes[at + i] = piece[i] as number;
  return at + length;
}
