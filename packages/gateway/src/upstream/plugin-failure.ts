import { LockgateError } from '@lockgate/abi/without-guests';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';

/** What a client is told whose request a plugin fails: the plugin's own words, where it has any. */
export function failureOf(error: unknown): unknown {
  return hasOwnWords(error) ? RpcError.of(RpcCode.internalError, error.message) : error;
}

/** The same for one that is kept in place of a list. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  return RpcError.of(RpcCode.internalError, error instanceof Error ? error.message : 'the plugin failed');
}

function hasOwnWords(error: unknown): error is LockgateError {
  return LockgateError.isInstance(error) && error.code === 'ABI_REQUEST_FAILED';
}
