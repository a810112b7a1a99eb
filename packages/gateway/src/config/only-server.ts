import type { GatewayConfig } from './schema.ts';

/** The part of a configuration that one server or plugin needs: its entry, and its guard. Undefined where nothing has this name. */
export function onlyServer(config: GatewayConfig, name: string): GatewayConfig | undefined {
  const plugins = only(config.plugins, name);
  const mcpServers = only(config.mcpServers, name);
  const entry = plugins[name] ?? mcpServers[name];
  if (entry === undefined) return undefined;
  const guards = entry.guard ? only(config.guards, entry.guard) : {};
  return { ...config, plugins, mcpServers, guards };
}

function only<T>(entries: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => key === name));
}
