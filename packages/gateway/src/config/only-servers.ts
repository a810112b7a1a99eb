import type { GatewayConfig } from './schema.ts';

/** The part of a configuration that some servers and plugins need: their entries, and their guards. */
export function onlyServers(config: GatewayConfig, isWanted: (name: string) => boolean): GatewayConfig {
  const plugins = only(config.plugins, isWanted);
  const mcpServers = only(config.mcpServers, isWanted);
  const guarding = new Set([...Object.values(plugins), ...Object.values(mcpServers)].map(({ guard }) => guard));
  return { ...config, plugins, mcpServers, guards: only(config.guards, (name) => guarding.has(name)) };
}

function only<T>(entries: Readonly<Record<string, T>>, isWanted: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => isWanted(name)));
}
