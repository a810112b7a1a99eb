import { encodeHttpFailure, LockgateError, requestedUrl } from '@lockgate/abi';
import type { AddressPolicy } from './address-policy.ts';

/**
 * The answer to a request, as JSON in and out, whose URL is not granted; undefined where it has to be made to know more. A thread that
 * knows the grants gives it, so that a flood of such requests costs nobody else's time;
 * of all others it reads the address alone, since whoever makes them reads them.
 */
export function refusedRequest(policy: AddressPolicy, text: string): string | undefined {
  try {
    const url = URL.parse(requestedUrl(text));
    if (url === null) return encodeHttpFailure('bad-url', 'the URL cannot be read');
    const refusal = policy.refusalOfUrl(url);
    return refusal && encodeHttpFailure(refusal.kind, refusal.reason);
  } catch (error) {
    if (LockgateError.isInstance(error)) return encodeHttpFailure('bad-request', (error as unknown as Error).message);
    throw error;
  }
}
