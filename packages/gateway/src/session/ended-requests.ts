import { RpcCode, RpcError } from '../protocol/rpc-error.ts';

/** What a client is told whose request the gateway has taken and ends without its answer. */
export function endedRequest(message: string): RpcError {
  return RpcError.of(RpcCode.refused, message, { code: 'GATEWAY_CALL_ENDED' });
}

/** What a client is told whose request comes when the gateway takes no more. */
export const CLOSING: RpcError = RpcError.of(RpcCode.refused, 'The gateway is closing', { code: 'GATEWAY_CLOSED' });
