import { ObjectText } from './frame/object-text.ts';
import type { Caller, Peer } from './peer.ts';

/** Somebody who only looks or listens, and cannot be told or asked anything. */
export function silentPeer(key: string, caller: Caller): Peer {
  return {
    key,
    caller,
    era: 'modern',
    capabilities: ObjectText.EMPTY,
    clientInfo: undefined,
    logLevel: undefined,
    notify: () => {},
    ask: () => Promise.reject(new TypeError('who only listens is not asked')),
  };
}
