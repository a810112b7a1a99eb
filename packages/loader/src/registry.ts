import type { Guard, Plugin } from '@lockgate/runtime';
import { NameTakenError, UnknownNameError } from './errors.ts';
import type { GuardKind } from './guard-kind.ts';
import type { LoadedModule } from './loaded-module.ts';
import type { PluginKind } from './plugin-kind.ts';

export type LoadedPlugin = LoadedModule<Plugin, PluginKind>;
export type LoadedGuard = LoadedModule<Guard, GuardKind>;
export type AnyLoadedModule = LoadedPlugin | LoadedGuard;

/** Which module bears which name. Everything here is synchronous, therefore atomic. */
export class Registry {
  readonly #byName = new Map<string, AnyLoadedModule>();
  /** Entries whose guest has not said its name yet are here only. */
  readonly #entries = new Set<AnyLoadedModule>();

  /** Takes an entry in, and its name where it has one already. @throws LOADER_NAME_TAKEN */
  add(entry: AnyLoadedModule): void {
    if (entry.givenName !== undefined) this.claim(entry.givenName, entry);
    this.#entries.add(entry);
  }

  /** Gives the name to the entry, which may have it already. @throws LOADER_NAME_TAKEN */
  claim(name: string, entry: AnyLoadedModule): void {
    const holder = this.#byName.get(name) ?? entry;
    if (holder !== entry) throw new NameTakenError({ module: name });
    this.#byName.set(name, entry);
  }

  /** Takes an entry out; its name is free from this moment. False when it was out already. */
  remove(entry: AnyLoadedModule): boolean {
    for (const [name, holder] of this.#byName) {
      if (holder === entry) this.#byName.delete(name);
    }
    return this.#entries.delete(entry);
  }

  /** @throws LOADER_UNKNOWN_NAME */
  find(name: string): AnyLoadedModule {
    const entry = this.#byName.get(name);
    if (entry === undefined) throw new UnknownNameError({ module: name, kind: 'module' });
    return entry;
  }

  /** A plugin that is live. @throws LOADER_UNKNOWN_NAME */
  findPlugin(name: string): LoadedPlugin {
    const entry = this.#byName.get(name);
    if (entry?.live && isPlugin(entry)) return entry;
    throw new UnknownNameError({ module: name, kind: 'plugin' });
  }

  /** A guard that is live. @throws LOADER_UNKNOWN_NAME */
  findGuard(name: string): LoadedGuard {
    const entry = this.#byName.get(name);
    if (entry?.live && !isPlugin(entry)) return entry;
    throw new UnknownNameError({ module: name, kind: 'guard' });
  }

  [Symbol.iterator](): IterableIterator<AnyLoadedModule> {
    return this.#entries.values();
  }
}

function isPlugin(entry: AnyLoadedModule): entry is LoadedPlugin {
  return entry.kind.role === 'plugin';
}
