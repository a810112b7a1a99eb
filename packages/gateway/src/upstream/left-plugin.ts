import { LockgateError } from '@lockgate/abi';
import { UpstreamLostError, UpstreamUnavailableError } from '../errors.ts';

/** What a call is told that a plugin could not end, or begin, because its entry was changed or taken out of the configuration; undefined where it was something else. */
export function endedByChange(server: string, method: string, how: unknown): Error | undefined {
  if (LockgateError.isInstance(how) && how.code === 'LOADER_DRAIN_TIMEOUT') {
    const reason =
      'its entry was changed, and the call did not end within "gateway.shutdownTimeoutMs"; raise that if such calls must end';
    return new UpstreamLostError({ server, method, reason }, { cause: how });
  }
  if (how !== 'wasm: module closed') return undefined;
  const reason = 'its entry was changed before the call had its turn; call again';
  return new UpstreamUnavailableError({ server, state: 'closed', reason });
}
