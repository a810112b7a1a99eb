import { EVERYTHING } from '../../src/access/permission.ts';
import type { Endpoint } from '../../src/call/endpoint.ts';
import type { Served } from '../../src/call/served.ts';
import { Catalog } from '../../src/catalog/catalog.ts';
import { EMPTY_OFFER, type Offer } from '../../src/catalog/offer.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Caller } from '../../src/protocol/peer.ts';
import type { Upstream, UpstreamState } from '../../src/upstream/upstream.ts';

export interface FakeServer {
  readonly name: string;
  readonly offer?: Offer;
  readonly state?: UpstreamState | undefined;
  readonly watch?: Upstream['watch'];
}

/** An endpoint at which these servers are served. */
export function endpointOf(
  servers: readonly FakeServer[],
  { server, capabilities = {} }: { server?: string; capabilities?: Record<string, unknown> } = {},
): Endpoint {
  const served = servers.map(({ name, offer = EMPTY_OFFER, state = 'running', watch }) => {
    const upstream = {
      name,
      kind: 'mcp',
      offer: () => offer,
      state,
      status: () => ({ state, tools: offer.tools.length }),
      watch: watch ?? (async () => ({ source: {}, release: () => {} })),
    };
    return { name, upstream, prefix: name, tools: undefined } as unknown as Served;
  });
  const visibleTo = ({ servers: seen }: Caller) => served.filter(({ name }) => seen?.includes(name) ?? true);
  const catalog = () => {
    const sources = served.map((source, i) => {
      const offer = servers[i]?.offer ?? EMPTY_OFFER;
      return { source, prefix: source.prefix, offer, live: true, allows: () => true };
    });
    return new Catalog(sources, { prefix: 'always', separator: '__' });
  };
  const introduction = async () => {
    return { info: ObjectText.EMPTY, capabilities: ObjectText.from(capabilities), instructions: undefined };
  };
  const parts = {
    server,
    permissionOf: () => EVERYTHING,
    visibleTo,
    catalog,
    catalogFor: catalog,
    infoFor: () => ObjectText.from({ name: 'gw', version: '0' }),
    introduction,
    serves: () => true,
    listsTools: () => true,
    listMetadata: async () => ObjectText.EMPTY,
  };
  return parts as unknown as Endpoint;
}
