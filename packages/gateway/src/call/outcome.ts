import { LockgateError } from '@lockgate/abi';
import type { Redact } from '../config/secrets.ts';
import { BadRequestError, UnknownNameError } from '../errors.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';

/** Under this key an error result says which of the documented codes it is. */
export const ERROR_META_KEY = 'dev.lockgate/error';

const asIs: Redact = (text) => text;

/**
 * The error result of a tool call that failed on the gateway's side: it is the model that has to do something about it.
 *
 * @throws what is not for the model: JSON-RPC errors of the server, bad requests, and faults of the gateway itself.
 */
export function toToolError(error: unknown, redact: Redact = asIs): ObjectText {
  if (!LockgateError.isInstance(error) || error instanceof BadRequestError) throw error;
  const content = [{ type: 'text', text: redact(error.message) }];
  return ObjectText.from({ content, isError: true, _meta: { [ERROR_META_KEY]: error.code } });
}

/** The JSON-RPC error that a client gets; the server's own pass as they are. */
export function toRpcError(error: unknown, redact: Redact = asIs): RpcError {
  if (error instanceof RpcError) return error;
  if (LockgateError.isInstance(error)) {
    const isTheirs = error instanceof UnknownNameError || error instanceof BadRequestError;
    const code = isTheirs ? RpcCode.invalidParams : RpcCode.internalError;
    return RpcError.of(code, redact(error.message), { code: error.code });
  }
  return RpcError.of(RpcCode.internalError, redact(error instanceof Error ? error.message : String(error)));
}
