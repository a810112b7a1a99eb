import { UpstreamLostError, UpstreamRefusedError } from '../errors.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';

/** Statuses that say more of the caller, or of the moment, than of what was asked. */
const OF_THE_MOMENT: readonly number[] = [401, 403, 407, 408, 425, 429];

/**
 * Whether a server that was greeted has said that it does not speak the era of the greeting: by an error, by a refusal of the
 * request, or, if it is a program, by ending. Whatever else keeps a connection from opening says nothing of that.
 */
export function refusesEra(error: unknown, isProgram: boolean): boolean {
  if (error instanceof RpcError) return error.code !== RpcCode.internalError;
  if (error instanceof UpstreamRefusedError) {
    const { status } = error.facts;
    return status < 500 && !OF_THE_MOMENT.includes(status);
  }
  if (isProgram && error instanceof UpstreamLostError) return true;
  return error instanceof Error && error.cause !== undefined && refusesEra(error.cause, isProgram);
}
