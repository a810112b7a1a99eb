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
    const refusal = url === null ? 'the URL cannot be read' : policy.refusalOfUrl(url);
    return refusal === undefined ? undefined : encodeHttpFailure(refusal);
  } catch (error) {
    if (LockgateError.isInstance(error)) return encodeHttpFailure((error as unknown as Error).message);
    throw error;
  }
}
