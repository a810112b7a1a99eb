import { onlyServers } from './only-servers.ts';
import type { GatewayConfig } from './schema.ts';

/** The part of a configuration that one server or plugin needs: its entry, and its guard. Undefined where nothing has this name. */
export function onlyServer(config: GatewayConfig, name: string): GatewayConfig | undefined {
  if ((config.plugins[name] ?? config.mcpServers[name]) === undefined) return undefined;
  return onlyServers(config, (server) => server === name);
}
