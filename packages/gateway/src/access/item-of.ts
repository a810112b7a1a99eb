import type { ItemKind } from '../config/item-patterns.ts';
import type { GatewayConfig } from '../config/schema.ts';

/** The halves of `server/name`, or of a name as clients know it, with its prefix; undefined where it is neither. */
export function itemOf(config: GatewayConfig, item: string, kind: ItemKind): readonly [string, string] | undefined {
  const slash = item.indexOf('/');
  if (slash > 0 && slash < item.length - 1) return [item.slice(0, slash), item.slice(slash + 1)];
  if (kind === 'resource') return undefined;
  const { prefixSeparator } = config.gateway;
  for (const [server, { prefix = server }] of Object.entries({ ...config.plugins, ...config.mcpServers })) {
    const start = prefix + prefixSeparator;
    if (item.startsWith(start) && item.length > start.length) return [server, item.slice(start.length)];
  }
  return undefined;
}
