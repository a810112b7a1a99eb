import { FrameError } from './frame-error.ts';
import { parseSpan } from './json.ts';
import { KnownNames } from './known-names.ts';
import { FRAME } from './level.ts';
import { METHODS } from './methods.ts';
import { ObjectText } from './object-text.ts';
import { findLast, type Member, type ScannedObject } from './scanned-object.ts';
import { Scanner } from './scanner.ts';
import { assertUtf8 } from './utf8.ts';

const QUOTE = 34;
const MINUS = 45;
const OPEN_LIST = 91;
const OPEN = 123;
const BOM_BYTES = 3;

export interface RequestFrame {
  readonly kind: 'request';
  /** A string or a number, as it was sent: `1`, `1.0` and `"1"` are three. A view, to be copied by whoever keeps it. */
  readonly id: Buffer;
  readonly method: string;
  readonly params: ObjectText | undefined;
  /** Of the whole frame, without white space around. */
  readonly byteLength: number;
}

export interface NotificationFrame {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: ObjectText | undefined;
  readonly byteLength: number;
}

export interface ResultFrame {
  readonly kind: 'result';
  readonly id: Buffer;
  readonly result: ObjectText;
  readonly byteLength: number;
}

export interface ErrorFrame {
  readonly kind: 'error';
  /** Undefined where it is null or absent: the sender could not read whose answer it is. */
  readonly id: Buffer | undefined;
  readonly error: ObjectText;
  readonly byteLength: number;
}

export type Frame = RequestFrame | NotificationFrame | ResultFrame | ErrorFrame;

export interface FrameOptions {
  /** Refuse a key that comes twice, in every object of the frame and not in its envelope only. */
  readonly unique?: boolean;
  /** Pass over a byte order mark in front of the frame. */
  readonly bom?: boolean;
}

/**
 * Reads the envelope of one JSON-RPC frame. Every byte is checked to be JSON that all readers read alike; payloads are not
 * parsed. The frame is made of views of the bytes: it must not outlive their call.
 *
 * @throws FrameError
 */
export function readFrame(bytes: Buffer, options?: FrameOptions): Frame {
  return one(begin(bytes, options));
}

/**
 * As {@link readFrame}, but a list of frames (a batch, which revision 2025-03-26 alone has) gives one entry for each
 * element: the frame, or the error to answer for it.
 *
 * @throws FrameError where the bytes as a whole are no JSON, or an empty list.
 */
export function readFrames(bytes: Buffer, options?: FrameOptions): Frame | (Frame | FrameError)[] {
  const scanner = begin(bytes, options);
  if (scanner.space() !== OPEN_LIST) return one(scanner);
  const start = scanner.at;
  const frames: (Frame | FrameError)[] = [];
  scanner.list((first) => {
    const byteOffset = scanner.at;
    scanner.violation = undefined;
    if (first === OPEN) frames.push(judge(scanner, scanner.object(1, FRAME)));
    else {
      scanner.skip(1);
      frames.push(new FrameError({ rpcCode: -32600, problem: 'has an element that is no object', byteOffset }));
    }
  });
  scanner.end();
  if (frames.length > 0) return frames;
  throw new FrameError({ rpcCode: -32600, problem: 'is a list without elements', byteOffset: start });
}

function begin(bytes: Buffer, options: FrameOptions | undefined): Scanner {
  assertUtf8(bytes);
  // U+FEFF as UTF-8.
  const isMarked = options?.bom === true && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return new Scanner(bytes, isMarked ? BOM_BYTES : 0, options?.unique);
}

/** The frame that begins here and is all there is. */
function one(scanner: Scanner): Frame {
  if (scanner.space() !== OPEN) {
    const start = scanner.at;
    scanner.skip(0);
    scanner.end();
    throw new FrameError({ rpcCode: -32600, problem: 'is not an object', byteOffset: start });
  }
  const scanned = scanner.object(0, FRAME);
  scanner.end();
  const frame = judge(scanner, scanned);
  if (frame instanceof FrameError) throw frame;
  return frame;
}

/** What kind of frame the object is, if any. */
function judge(scanner: Scanner, { start, end, members }: ScannedObject): Frame | FrameError {
  const { bytes, violation } = scanner;
  const idMember = findLast(members, 'id');
  const id = idMember && idOf(bytes, idMember);
  const method = findLast(members, 'method');
  const [result, error] = answerOf(bytes, members);
  const asks = method !== undefined && result === undefined && error === undefined;
  const refuse = (problem: string, byteOffset: number): FrameError =>
    new FrameError({ rpcCode: -32600, problem, byteOffset, id, asks });
  if (violation !== undefined) {
    const ids = members.filter((member) => member.key.toLowerCase() === 'id').length;
    return new FrameError({ rpcCode: -32600, ...violation, id: ids === 1 ? id : undefined, asks });
  }
  const version = findLast(members, 'jsonrpc');
  if (version === undefined || !isTwo(bytes, version))
    return refuse('needs "jsonrpc" to be "2.0"', version?.start ?? start);
  const nullId = idMember !== undefined && bytes[idMember.start] === 110;
  if (idMember !== undefined && id === undefined && !nullId) {
    return refuse('needs "id" to be a string or a number', idMember.start);
  }
  const byteLength = end - start;
  if (method !== undefined) {
    const answer = result ?? error;
    if (answer !== undefined) return refuse('is a request and an answer at once', answer.from);
    if (bytes[method.start] !== QUOTE) return refuse('needs "method" to be a string', method.start);
    const name = methodOf(bytes, method);
    const given = findLast(members, 'params');
    const params = given && objectAt(bytes, given);
    if (given !== undefined && params === undefined) return refuse('needs "params" to be an object', given.start);
    if (nullId) return refuse('needs "id" to be a string or a number', idMember.start);
    if (id === undefined) return { kind: 'notification', method: name, params, byteLength };
    return { kind: 'request', id, method: name, params, byteLength };
  }
  if (result !== undefined) {
    if (error !== undefined) return refuse('has both a result and an error', error.from);
    if (id === undefined) return refuse('needs "id" to be a string or a number', idMember?.start ?? start);
    const object = objectAt(bytes, result);
    if (object === undefined) return refuse('needs "result" to be an object', result.start);
    return { kind: 'result', id, result: object, byteLength };
  }
  if (error === undefined) return refuse('has neither a method nor a result nor an error', start);
  const object = objectAt(bytes, error);
  if (object === undefined) return refuse('needs "error" to be an object', error.start);
  return { kind: 'error', id, error: object, byteLength };
}

function idOf(bytes: Buffer, { start, end }: Member): Buffer | undefined {
  const first = bytes[start] as number;
  const scalar = first === QUOTE || first === MINUS || (first >= 48 && first <= 57);
  return scalar ? bytes.subarray(start, end) : undefined;
}

/** The older JSON-RPC always has both, and one of them is null. */
function answerOf(bytes: Buffer, members: readonly Member[]): [Member | undefined, Member | undefined] {
  const result = findLast(members, 'result');
  const error = findLast(members, 'error');
  if (result === undefined || error === undefined) return [result, error];
  if (bytes[error.start] === 110) return [result, undefined];
  return bytes[result.start] === 110 ? [undefined, error] : [result, error];
}

/** Also where it was sent with escapes. */
function isTwo(bytes: Buffer, { start, end }: Member): boolean {
  if (end - start === 5 && bytes[start] === QUOTE) {
    return bytes[start + 1] === 50 && bytes[start + 2] === 46 && bytes[start + 3] === 48;
  }
  return bytes[start] === QUOTE && end - start <= 20 && parseSpan(bytes, start, end) === '2.0';
}

const KNOWN_METHODS = new KnownNames(METHODS);

function methodOf(bytes: Buffer, { start, end }: Member): string {
  return KNOWN_METHODS.at(bytes, start + 1, end - 1) ?? (parseSpan(bytes, start, end) as string);
}

/** Every object that a frame may have at this place has a level, so that its members were found. */
function objectAt(bytes: Buffer, { inside }: Member): ObjectText | undefined {
  return inside && ObjectText.found(bytes, inside);
}
