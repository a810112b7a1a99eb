import { portableName } from '../catalog/portable-name.ts';
import { UnknownNameError, UpstreamUnavailableError } from '../errors.ts';
import type { Peer } from '../protocol/peer.ts';
import type { Endpoint } from './endpoint.ts';
import type { Served } from './served.ts';

interface Asked {
  readonly kind: 'tool' | 'prompt';
  readonly name: string;
  readonly peer: Peer;
  readonly endpoint: Endpoint;
}

/** A tool that is in no list, of a server that tells nobody its tools before this caller has logged in: the call says where that is done. */
export function toolBehindLogin({ name, peer, endpoint }: Asked): { served: Served; ownName: string } | undefined {
  for (const served of endpoint.visibleTo(peer.caller)) {
    const ownName = nameAt(served, name, endpoint);
    if (ownName === undefined || served.upstream.hidesTools?.(peer) !== true) continue;
    if (endpoint.permissionOf(peer.caller).allows('tool', served, ownName)) return { served, ownName };
  }
  return undefined;
}

/**
 * Why there is nothing of this name. A name of a server that has never been up is not unknown: the server is what is missing.
 *
 * @param tellsReasons - Whether clients may be told why a server is not up: the reason may quote what a program wrote last, which no guard has seen.
 */
export function notListed({ kind, name, peer: { caller }, endpoint }: Asked, tellsReasons: boolean): Error {
  const missing = endpoint
    .visibleTo(caller)
    .map((served) => ({ served, status: served.upstream.status() }))
    .find(({ served, status }) => {
      return status.state !== 'running' && status.tools === 0 && nameAt(served, name, endpoint) !== undefined;
    });
  if (!missing) return endpoint.withheld(kind, name, caller) ?? new UnknownNameError({ kind, asked: name });
  const { state, reason, kind: what } = missing.status;
  const isTold = reason !== undefined && tellsReasons;
  return new UpstreamUnavailableError({ server: missing.served.name, kind: what, state, ...(isTold && { reason }) });
}

/** What a name would be called at a server, by its prefix; undefined where it is none of its names. */
function nameAt({ prefix }: Served, name: string, endpoint: Endpoint): string | undefined {
  if (endpoint.server !== undefined) return name;
  if (prefix === '') return undefined;
  const { separator } = endpoint.naming;
  const before = prefix + separator;
  const found = [before, portableName(before, separator)].find((one) => name.startsWith(one));
  return found === undefined ? undefined : name.slice(found.length);
}
