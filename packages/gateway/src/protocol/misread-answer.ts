import type { ErrorFrame } from './frame/frame.ts';
import type { FrameError } from './frame/frame-error.ts';
import { answeredScalar } from './frame/outermost-id.ts';
import { RpcCode, RpcError } from './rpc-error.ts';

/**
 * The error that stands for an answer which is no frame, so that whoever has asked waits no longer.
 *
 * @returns Undefined where the bytes are no answer, or do not say to what.
 */
export function misreadAnswer(bytes: Buffer, { message }: FrameError): ErrorFrame | undefined {
  const id = answeredScalar(bytes);
  if (!id) return undefined;
  const { text } = RpcError.of(
    RpcCode.internalError,
    `The client answered with what is no JSON-RPC message. ${message}`,
  );
  return { kind: 'error', id, error: text, byteLength: bytes.length };
}
