import { fetch as undiciFetch } from 'undici';
import type { Fetch, Lookup } from '../options.ts';
import { AddressPolicy } from './address-policy.ts';
import { CheckedDispatcher, systemLookup } from './dispatcher.ts';
import { HttpFailure } from './http-failure.ts';

/**
 * A `fetch` that reaches public addresses and those that are granted, whatever name leads to them; redirects are not followed. The grants have the form of
 * `http.allow`. Rejects with an Error that says what is in the way.
 *
 * @param lookup - Finds the addresses of a name. @default the system's way
 * @throws TypeError for a grant that is none.
 */
export function createCheckedFetch(allow: readonly string[], lookup: Lookup = systemLookup): Fetch {
  const policy = new AddressPolicy(['*', ...allow]);
  const dispatcher = new CheckedDispatcher(policy, lookup).shared();
  const own = undiciFetch as unknown as (href: string, init: object) => Promise<Response>;
  return async (url, init) => {
    const refusal = policy.refusalOfUrl(new URL(url));
    if (refusal !== undefined) throw new HttpFailure(refusal.kind, refusal.reason);
    return own(url, { ...init, redirect: 'manual', dispatcher });
  };
}
