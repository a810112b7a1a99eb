import { LockgateError } from '@lockgate/abi/without-guests';
import { UpstreamFaultError, UpstreamLostError, UpstreamRefusedError, UpstreamUnavailableError } from '../errors.ts';
import { RpcError } from '../protocol/rpc-error.ts';

/**
 * What is left of an error without the words of the server or its client: the error itself where the gateway has said all of it, the same one
 * without its reason where that may quote the server, and undefined where nothing is left. The sentence of a plugin's error may quote the guest.
 */
export function withoutContents(error: unknown): unknown {
  if (error instanceof RpcError) return error.isReceived ? undefined : error;
  if (error instanceof UpstreamUnavailableError && error.facts.reason !== undefined) {
    const { reason: _, ...facts } = error.facts;
    return new UpstreamUnavailableError(facts);
  }
  if (error instanceof UpstreamLostError && error.facts.reason !== undefined) {
    const { server, method } = error.facts;
    return new UpstreamLostError({ server, method });
  }
  if (error instanceof UpstreamRefusedError && error.facts.location !== undefined) {
    const { location: _, ...facts } = error.facts;
    return new UpstreamRefusedError(facts);
  }
  if (error instanceof UpstreamFaultError && error.facts.problem !== undefined) {
    const { problem: _, ...facts } = error.facts;
    return new UpstreamFaultError(facts);
  }
  return LockgateError.isInstance(error) && error.code.startsWith('GATEWAY_') ? error : undefined;
}
