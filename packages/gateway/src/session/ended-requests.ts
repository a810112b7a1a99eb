import { RpcCode, RpcError } from '../protocol/rpc-error.ts';

/** What a client is told whose request the gateway has taken and ends without its answer. */
export function endedRequest(message: string): RpcError {
  return RpcError.of(RpcCode.refused, message, { code: 'GATEWAY_CALL_ENDED' });
}

/** What is still asked in a session is answered with this when it ends. */
export const SESSION_ENDED =
  'The session has ended before this was answered; whether it was done is not known. Begin a new session, and ask again what may be done twice.';

/** What a client is told whose request comes when the gateway takes no more. */
export const CLOSING: RpcError = RpcError.of(RpcCode.refused, 'The gateway is closing', { code: 'GATEWAY_CLOSED' });
