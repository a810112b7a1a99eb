import type { ErrorFrame } from './frame/frame.ts';
import type { FrameError } from './frame/frame-error.ts';
import { answeredScalar } from './frame/outermost-id.ts';
import { RpcCode, RpcError } from './rpc-error.ts';

/**
 * The error that stands for an answer of a client which cannot be used, so that whoever has asked waits no longer.
 *
 * @param id - Its JSON.
 * @param byteLength - Of what came. @default 0, where it was not kept
 */
export function refusedAnswer(id: Buffer, why: string, byteLength = 0): ErrorFrame {
  return { kind: 'error', id, error: RpcError.of(RpcCode.internalError, why).text, byteLength };
}

/**
 * That of an answer which is no frame.
 *
 * @returns Undefined where the bytes are no answer, or do not say to what.
 */
export function misreadAnswer(bytes: Buffer, { message }: FrameError): ErrorFrame | undefined {
  const id = answeredScalar(bytes);
  return id && refusedAnswer(id, `The client answered with what is no JSON-RPC message. ${message}`, bytes.length);
}
