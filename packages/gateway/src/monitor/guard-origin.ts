import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { GuardEntry } from '../config/modules-section.ts';
import type { GatewayConfig } from '../config/schema.ts';

/** Which guard stands in front of a server, and how it is loaded. */
export interface GuardOrigin {
  readonly name: string;
  readonly entry: GuardEntry;
}

/** What holds for a guard that was found in a folder instead of being configured. */
const FOUND_ENTRY: Omit<GuardEntry, 'path'> = { limits: {}, watch: true, disabled: false };

/**
 * The guard of a server: the one its entry names, else the first module in `<wasmGuardsDir>/<server>/`, else none. A
 * guard that is named but switched off is still named: its server's calls are denied, not let through.
 */
export function guardOf(server: string, config: GatewayConfig): GuardOrigin | undefined {
  const named = (config.mcpServers[server] ?? config.plugins[server])?.guard;
  if (named !== undefined) {
    const entry = config.guards[named];
    if (!entry) throw new TypeError(`no guard has the name "${named}"`);
    return { name: named, entry };
  }
  const folder = config.gateway.wasmGuardsDir;
  const [file] = folder === undefined ? [] : globSync('*.wasm', { cwd: join(folder, server) }).sort();
  if (folder === undefined || file === undefined) return undefined;
  return { name: basename(file, '.wasm'), entry: { ...FOUND_ENTRY, path: join(folder, server, file) } };
}
