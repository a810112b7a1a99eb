import { LockgateError } from '@lockgate/abi/without-guests';
import { UpstreamLostError, UpstreamUnavailableError } from '../errors.ts';

/** What a call is told that was cut because the entry of its plugin was changed or taken out of the configuration; undefined where it failed of something else. */
export function cutByChange(server: string, method: string, error: unknown): Error | undefined {
  if (!LockgateError.isInstance(error) || error.code !== 'LOADER_DRAIN_TIMEOUT') return undefined;
  const reason =
    'its entry was changed, and the call did not end within "gateway.shutdownTimeoutMs"; raise that if such calls must end';
  return new UpstreamLostError({ server, method, reason }, { cause: error });
}

/** What a call is told that such a change kept from its turn: no guest has seen it. */
export function missedByChange(server: string): Error {
  const reason = 'its entry was changed before the call had its turn; call again';
  return new UpstreamUnavailableError({ server, state: 'closed', reason });
}
