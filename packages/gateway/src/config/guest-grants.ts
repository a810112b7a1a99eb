import type { PluginEntry } from './modules-section.ts';
import type { ServerEntry } from './servers-section.ts';

/** What a guest may use beyond its own memory, in the words of the configuration; of variables their names alone. */
export interface GuestGrants {
  readonly hosts?: readonly string[];
  readonly storage?: readonly string[];
  readonly env?: readonly string[];
}

/** What an entry grants its guest; undefined where that is nothing, or it is none. */
export function grantsOf(entry: PluginEntry | ServerEntry): GuestGrants | undefined {
  const all = 'type' in entry ? ofServer(entry) : { hosts: entry.http?.allow ?? [], storage: entry.storage ?? [] };
  const grants = Object.fromEntries(Object.entries(all).filter(([, granted]) => granted.length > 0));
  return Object.keys(grants).length === 0 ? undefined : grants;
}

function ofServer(entry: ServerEntry): Readonly<Record<string, readonly string[]>> {
  return entry.type === 'wasm' ? { storage: entry.storage, env: Object.keys(entry.env) } : {};
}
