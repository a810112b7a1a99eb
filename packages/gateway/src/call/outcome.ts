import { LockgateError } from '@lockgate/abi';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { BadRequestError, UnknownNameError } from '../errors.ts';
import type { JsonObject } from '../upstream/message.ts';

/** Under this key an error result says which of the documented codes it is. */
export const ERROR_META_KEY = 'dev.lockgate/error';

/**
 * The error result of a tool call that failed on the gateway's side.
 *
 * @throws what is not for the model: JSON-RPC errors of the server, bad requests, and faults of the gateway itself.
 */
export function toToolError(error: unknown): JsonObject {
  if (!LockgateError.isInstance(error) || error instanceof BadRequestError) throw error;
  return { content: [{ type: 'text', text: error.message }], isError: true, _meta: { [ERROR_META_KEY]: error.code } };
}

/** The JSON-RPC error that a client gets; the server's own pass as they are. */
export function toProtocolError(error: unknown): Error {
  if (error instanceof ProtocolError) return error;
  if (LockgateError.isInstance(error)) {
    const theirs = error instanceof UnknownNameError || error instanceof BadRequestError;
    const code = theirs ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
    return new ProtocolError(code, error.message, { code: error.code });
  }
  return error instanceof Error ? error : new Error(String(error));
}
