import { type GrantingEntry, type ToldGrants, toldGrants } from '../config/guest-grants.ts';
import type { GatewayConfig } from '../config/schema.ts';

/** What a guest gets where an entry of a configuration has its file. */
export interface FileUse extends ToldGrants {
  /** Such as `plugins.notes`. */
  readonly entry: string;
}

/** The entries that have this file, with what each grants it. */
export function entriesOfFile(path: string, { plugins, guards, mcpServers }: GatewayConfig): readonly FileUse[] {
  const found: [string, string | undefined, GrantingEntry][] = [
    ...Object.entries(plugins).map(([name, entry]) => of('plugins', name, entry.path, entry)),
    ...Object.entries(guards).map(([name, entry]) => of('guards', name, entry.path, entry)),
    ...Object.entries(mcpServers).flatMap(([name, entry]) =>
      entry.type === 'wasm' ? [of('mcpServers', name, entry.wasm, entry)] : [],
    ),
  ];
  return found.filter(([, file]) => file === path).map(([entry, , grants]) => ({ entry, ...toldGrants(grants) }));
}

function of(section: string, name: string, path: string | undefined, entry: GrantingEntry) {
  return [`${section}.${name}`, path, entry] satisfies [string, string | undefined, GrantingEntry];
}
