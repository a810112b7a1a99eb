import { tooLarge } from '../access/request-guard.ts';
import type { ErrorFrame } from '../protocol/frame/frame.ts';
import { longAnswerId, mayBeAnswer } from '../protocol/frame/long-answer-id.ts';
import { writeError } from '../protocol/frame/write-frame.ts';
import { refusedAnswer } from '../protocol/refused-answer.ts';
import { RpcCode } from '../protocol/rpc-error.ts';
import { type HttpAnswer, type ReadBody, readBody } from '../transport/http-answer.ts';
import type { HttpRequest } from '../transport/http-contract.ts';
import { whole } from '../transport/join-parts.ts';
import type { LineEnds } from '../transport/line-ends.ts';
import type { EndpointRequest } from './endpoint-request.ts';
import { refusal } from './refusal.ts';

export interface BodyLimit {
  readonly maxBodyBytes: number;
  /** Told of a body that was refused for its size. */
  readonly onTooLarge: (asked: EndpointRequest) => void;
}

/** A body that is too large, with both ends where it begins as an answer of a client. */
type LongBody = LineEnds | 'too large';

/** Reads the body of a client that may have been asked something: of an answer that is too large both ends are kept. */
export function readAnswerable(request: HttpRequest, maxBytes: number): Promise<ReadBody | LineEnds> {
  const { promise, resolve } = Promise.withResolvers<ReadBody | LineEnds>();
  readBody(request, maxBytes, resolve, { isWanted: mayBeAnswer, onLong: resolve });
  return promise;
}

interface RefusedBody {
  readonly refused: HttpAnswer;
  /** Where it was an answer, the error that stands for it, so that whoever has asked waits no longer; and its bytes. */
  readonly answer?: { readonly frame: ErrorFrame; readonly bytes: Buffer } | undefined;
}

export function refuseLong(body: LongBody, maxBytes: number): RefusedBody {
  const { status, message, headers } = tooLarge(maxBytes);
  const refused = refusal(status, RpcCode.refused, message, undefined, headers);
  const id = body === 'too large' ? undefined : longAnswerId(body.begin, body.end);
  if (!id) return { refused };
  const frame = refusedAnswer(id, `The client's answer was not taken. ${message}`);
  return { refused, answer: { frame, bytes: whole(writeError(id, frame.error)) } };
}
