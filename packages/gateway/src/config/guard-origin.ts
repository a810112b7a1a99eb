import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { GuardEntry } from './modules-section.ts';
import type { GatewayConfig } from './schema.ts';

/** Which guard stands in front of a server: how it is loaded, or the folder in which none was found. */
export type GuardOrigin =
  | { readonly name: string; readonly entry: GuardEntry }
  | { readonly name: string; readonly emptyFolder: string };

/** What holds for a guard that was found in a folder instead of being configured. */
const FOUND_ENTRY: Omit<GuardEntry, 'path'> = { limits: {}, watch: true, disabled: false };

/**
 * The guard of a server: the one its entry names, else the first module in `<wasmGuardsDir>/<server>/`. Undefined where it needs none: it says so
 * (`"guard": false`), it is a write-sink, or there is no such folder of guards. A guard that is named but switched off, or looked for and not
 * found, is still one: its server's calls are denied, not let through.
 */
export function guardOf(server: string, config: GatewayConfig): GuardOrigin | undefined {
  const { guard: named, 'guard-policies': policies } = config.mcpServers[server] ?? config.plugins[server] ?? {};
  if (named === false) return undefined;
  if (named !== undefined) {
    const entry = config.guards[named];
    if (!entry) throw new TypeError(`no guard has the name "${named}"`);
    return { name: named, entry };
  }
  const guards = config.gateway.wasmGuardsDir;
  if (guards === undefined || policies?.['write-sink'] !== undefined) return undefined;
  const folder = join(guards, server);
  const [file] = globSync('*.wasm', { cwd: folder }).sort();
  if (file === undefined) return { name: server, emptyFolder: folder };
  return { name: basename(file, '.wasm'), entry: { ...FOUND_ENTRY, path: join(folder, file) } };
}
