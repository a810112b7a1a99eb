import { type Bytes, byteLengthOf } from '../protocol/frame/write-frame.ts';
import { AnswerWriter } from './answer-writer.ts';
import { Chunks } from './chunks.ts';
import type { HttpRequest, HttpResponse } from './http-contract.ts';
import { whole } from './join-parts.ts';
import { LineEnds } from './line-ends.ts';
import { MAX_SKIPPED_BYTES } from './line-reader.ts';
import { GIVE_BYTES } from './unsent.ts';

/** A whole HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Bytes | string;
}

/** Below this, making a text of the body costs less than a second piece. */
const TEXT_BELOW_BYTES = 16_384;

const JSON_TYPE = 'application/json';

/** A frame as a whole answer. */
export function jsonAnswer(status: number, body: Bytes, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body };
}

/** Writes a whole answer: head and body in one piece where they are small. */
export function writeAnswer(
  response: HttpResponse,
  { status, headers = {}, body }: HttpAnswer,
  more: Readonly<Record<string, string>>,
): void {
  if (response.destroyed || response.headersSent) return;
  if (body === undefined) {
    // Without a length Node would send an answer without a body in chunks.
    response.writeHead(status, { ...headers, ...more, ...(status !== 204 && { 'content-length': 0 }) });
    response.end();
    return;
  }
  const parts = typeof body === 'string' ? [Buffer.from(body)] : body;
  const byteLength = byteLengthOf(parts);
  response.writeHead(status, { ...headers, ...more, 'content-length': byteLength });
  if (byteLength < TEXT_BELOW_BYTES) {
    // Node sends a text in one piece with the head, and bytes in a second one. Latin-1 gives each byte back as it is.
    response.end(whole(parts).toString('latin1'), 'latin1');
    return;
  }
  if (byteLength > GIVE_BYTES) {
    const writer = new AnswerWriter(response);
    writer.write(parts);
    writer.end();
    return;
  }
  response.cork();
  for (const part of parts) response.write(part);
  response.end();
  response.uncork();
}

/** What became of the body of a request. */
export type ReadBody = Buffer | 'too large' | 'aborted';

/** What is wanted of bodies that are too large. */
export interface LongBodies {
  /** Whether such a body is read on, going by its first bytes: asked with each piece, the first of which may be a byte. */
  isWanted(begin: Buffer): boolean;
  /** Called in place of `done` with the ends of one that was. */
  onLong(ends: LineEnds): void;
}

/**
 * Reads a request's body, up to a limit; what comes after the limit is not kept.
 *
 * @param long - @default a body that is too large is not read to its end
 */
export function readBody(
  request: HttpRequest,
  maxBytes: number,
  done: (body: ReadBody) => void,
  long?: LongBodies,
): void {
  if ('body' in request) {
    done(request.body.length > maxBytes ? 'too large' : request.body);
    return;
  }
  const isAnnounced = Number(request.headers['content-length'] ?? 0) > maxBytes;
  const chunks = new Chunks();
  let ends: LineEnds | undefined;
  let isDone = false;
  const end = (body: ReadBody): void => {
    if (isDone) return;
    isDone = true;
    chunks.clear();
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    if (isDone) return;
    if (ends) ends.add(chunk);
    else {
      chunks.append(chunk);
      if (chunks.byteLength <= maxBytes && !isAnnounced) return;
      ends = new LineEnds();
      for (const part of chunks.takeParts()) ends.add(part);
    }
    if (long?.isWanted(ends.begin) !== true || ends.byteLength > MAX_SKIPPED_BYTES) end('too large');
  });
  request.on('end', () => {
    if (isDone) return;
    if (!ends) return end(chunks.take());
    isDone = true;
    long?.onLong(ends);
  });
  request.on('error', () => end('aborted'));
  request.on('close', () => end('aborted'));
}
