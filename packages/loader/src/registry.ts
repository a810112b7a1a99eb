import type { Guard, Plugin } from '@lockgate/runtime';
import { NameTakenError, UnknownNameError } from './errors.ts';
import type { GuardKind } from './guard-kind.ts';
import type { LoadedModule } from './loaded-module.ts';
import type { PluginKind } from './plugin-kind.ts';

export type PluginEntry = LoadedModule<Plugin, PluginKind>;
export type GuardEntry = LoadedModule<Guard, GuardKind>;
export type AnyEntry = PluginEntry | GuardEntry;

/** Which module bears which name. Everything here is synchronous, therefore atomic. */
export class Registry {
  readonly #byName = new Map<string, AnyEntry>();
  /** Entries whose guest has not said its name yet are here only. */
  readonly #entries = new Set<AnyEntry>();

  /** Takes an entry in, and its name where it has one already. @throws LOADER_NAME_TAKEN */
  add(entry: AnyEntry): void {
    if (entry.givenName !== undefined) this.claim(entry.givenName, entry);
    this.#entries.add(entry);
  }

  /** Gives the name to the entry, which may have it already. @throws LOADER_NAME_TAKEN */
  claim(name: string, entry: AnyEntry): void {
    const holder = this.#byName.get(name) ?? entry;
    if (holder !== entry) throw new NameTakenError({ module: name });
    this.#byName.set(name, entry);
  }

  /** Takes an entry out; its name is free from this moment. False when it was out already. */
  remove(entry: AnyEntry): boolean {
    for (const [name, holder] of this.#byName) {
      if (holder === entry) this.#byName.delete(name);
    }
    return this.#entries.delete(entry);
  }

  /** @throws LOADER_UNKNOWN_NAME */
  find(name: string): AnyEntry {
    const entry = this.#byName.get(name);
    if (entry === undefined) throw new UnknownNameError({ module: name, kind: 'module' });
    return entry;
  }

  /** A plugin that is live. @throws LOADER_UNKNOWN_NAME */
  findPlugin(name: string): PluginEntry {
    const entry = this.#byName.get(name);
    if (entry?.live && isPlugin(entry)) return entry;
    throw new UnknownNameError({ module: name, kind: 'plugin' });
  }

  /** A guard that is live. @throws LOADER_UNKNOWN_NAME */
  findGuard(name: string): GuardEntry {
    const entry = this.#byName.get(name);
    if (entry?.live && !isPlugin(entry)) return entry;
    throw new UnknownNameError({ module: name, kind: 'guard' });
  }

  [Symbol.iterator](): IterableIterator<AnyEntry> {
    return this.#entries.values();
  }
}

function isPlugin(entry: AnyEntry): entry is PluginEntry {
  return entry.kind.role === 'plugin';
}
