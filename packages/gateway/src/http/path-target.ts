import type { Endpoint } from '../call/endpoint.ts';
import type { Endpoints } from '../call/endpoints.ts';
import type { ServedList } from '../call/served.ts';

/** Where a path leads: an endpoint, and the transport that is spoken there. */
export interface PathTarget {
  readonly transport: 'streamable' | 'sse' | 'sse-messages';
  readonly endpoint: Endpoint;
}

const TRANSPORTS: Readonly<Record<string, PathTarget['transport']>> = {
  mcp: 'streamable',
  sse: 'sse',
  messages: 'sse-messages',
};

/** Finds the endpoint of a path: `/mcp` and `/sse` for all servers, `/mcp/<server>` and `/sse/<server>` for one, `/mcp/@<name>` for a profile. */
export function targetOfPath(
  path: string,
  endpoints: Endpoints,
  served: ServedList,
  servesAll: boolean,
): PathTarget | undefined {
  const [empty, root = '', server, ...more] = path.split('/');
  const transport = Object.hasOwn(TRANSPORTS, root) ? TRANSPORTS[root] : undefined;
  if (empty !== '' || transport === undefined) return undefined;
  if (server === undefined || (server === '' && more.length === 0)) {
    return servesAll ? { transport, endpoint: endpoints.of() } : undefined;
  }
  // A slash at the end means nothing.
  if (more.length > 1 || (more.length === 1 && more[0] !== '')) return undefined;
  const name = decode(server);
  if (name?.startsWith('@')) {
    const endpoint = endpoints.ofProfile(name.slice(1));
    return endpoint && { transport, endpoint };
  }
  return name !== undefined && served.get(name) ? { transport, endpoint: endpoints.of(name) } : undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
