import { giveNames } from '../catalog/naming.ts';
import { onlyServer } from '../config/only-server.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Gateway } from '../gateway.ts';
import type { OpenedConfig } from './config-options.ts';
import { openInProcessGateway } from './in-process-gateway.ts';
import type { Listed, ListedItem, Listing } from './listing.ts';
import { LocalClient } from './local-client.ts';
import type { Terminal } from './terminal.ts';

type Item = ListedItem['item'];

/** Starts what a configuration serves, or one server of it, and lists it as a client would see it. Nothing listens. */
export async function configuredListing(
  list: Listed,
  server: string | undefined,
  opened: OpenedConfig,
  terminal: Terminal,
): Promise<Listing> {
  const { config } = opened;
  // Where prefixes depend on what others have, the others are needed to know the names.
  const isEnough = server !== undefined && config.gateway.prefix === 'always';
  const part = isEnough ? (onlyServer(config, server) ?? config) : config;
  await using gateway = await openInProcessGateway(opened, part, terminal);
  await gateway.started();
  const { upstreams } = gateway.status();
  const running = upstreams.filter(({ state }) => state === 'running');
  const lists = await Promise.all(running.map(async ({ name }) => [name, await itemsOf(list, name, gateway)] as const));
  const missing = upstreams
    .filter(({ state }) => state !== 'running')
    .map(({ name, state, reason }) => ({ server: name, reason: reason ?? `it is ${state}` }));
  const isAsked = ({ server: of }: { readonly server: string | undefined }): boolean =>
    server === undefined || of === server;
  return { items: named(list, lists, config).filter(isAsked), missing: missing.filter(isAsked) };
}

/** At a server's own endpoint its names are as they are, and no other server's are among them. */
async function itemsOf(list: Listed, server: string, gateway: Gateway): Promise<readonly Item[]> {
  const client = new LocalClient();
  const served = gateway.serveStdio({ server, transport: client, discovery: 'list' });
  try {
    const lists = list === 'resources' ? (['resources', 'resourceTemplates'] as const) : [list];
    return (await Promise.all(lists.map((one) => client.list(one)))).flat();
  } finally {
    await client.close();
    await served;
  }
}

function named(
  list: Listed,
  lists: readonly (readonly [server: string, items: readonly Item[]])[],
  { gateway, plugins, mcpServers }: GatewayConfig,
): readonly ListedItem[] {
  if (list === 'resources') {
    return lists.flatMap(([server, items]) =>
      items.map((item) => {
        const address = String(item.uri ?? item.uriTemplate);
        return { name: address, ownName: address, server, item };
      }),
    );
  }
  const { prefix, prefixSeparator: separator, portableNames } = gateway;
  const sources = lists.map(([server, items]) => ({
    prefix: (plugins[server] ?? mcpServers[server])?.prefix ?? server,
    items: items.map((item) => ({ ownName: String(item.name), item: { server, item } })),
  }));
  const portable = portableNames && list === 'tools';
  return giveNames(sources, { prefix, separator, portable }).map(({ name, ownName, item: { server, item } }) => {
    return { name, ownName, server, item };
  });
}
