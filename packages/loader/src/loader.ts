import type { Guard, Logger, Plugin } from '@lockgate/runtime';
import { LoaderClosedError } from './errors.ts';
import { EventHub } from './event-hub.ts';
import type { LoaderEvents } from './events.ts';
import type { GuestModule, VersionFacts } from './generation.ts';
import { GuardKind } from './guard-kind.ts';
import { LoadedModule, type ModuleSummary } from './loaded-module.ts';
import type { ModuleKind } from './module-kind.ts';
import { type ModuleBytes, type ModuleSource, type ResolvedSource, resolveOrigin } from './module-source.ts';
import type { FolderModule, LoaderOptions, LoadGuardOptions, LoadOptions, WatchFolderOptions } from './options.ts';
import { PluginKind } from './plugin-kind.ts';
import { type AnyLoadedModule, type LoadedGuard, type LoadedPlugin, Registry } from './registry.ts';
import { ReloadableGuard } from './reloadable-guard.ts';
import { ReloadablePlugin } from './reloadable-plugin.ts';
import { type ResolvedVersionOptions, resolveSettleMs, splitOptions } from './version-options.ts';
import { EntryWatch } from './watch/entry-watch.ts';
import type { FolderFile } from './watch/folder-watcher.ts';
import { WatchedFolder } from './watch/watched-folder.ts';

/** Source: ABI.md §2, "Instance name". */
const UNNAMED_GUARD = 'guard';

/** A folder that is being watched. */
export interface FolderWatch {
  /** Watches no longer; what was loaded from the folder stays loaded. */
  close(): void;
}

/** Decides which version of each guest is live, and changes it while calls run. */
export class Loader implements AsyncDisposable {
  readonly #options: LoaderOptions;
  readonly #logger: Logger | undefined;
  readonly #events: EventHub<LoaderEvents>;
  readonly #registry = new Registry();
  readonly #handles = new WeakMap<AnyLoadedModule, ReloadablePlugin | ReloadableGuard>();
  readonly #watches = new Map<AnyLoadedModule, EntryWatch>();
  /** Without a name, and not closed yet. */
  readonly #released = new Set<AnyLoadedModule>();
  readonly #folders = new Set<WatchedFolder>();
  #closing: Promise<void> | undefined;

  /** Use {@link createLoader}. */
  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.#events = new EventHub(options.logger);
  }

  /**
   * Loads a plugin and resolves to its handle, a `Plugin` that always speaks to the live version. Without `name` it bears
   * the name the guest gives itself.
   *
   * @throws LOADER_SWAP_REJECTED, LOADER_NAME_TAKEN, LOADER_CLOSED; RUNTIME_MODULE_CLOSED when unloaded meanwhile.
   */
  async load(source: ModuleSource, options: LoadOptions = {}): Promise<Plugin> {
    const entry = this.#pluginEntry(source, options);
    await this.#bring(entry);
    return this.#pluginHandle(entry);
  }

  /**
   * Loads a guard and resolves to its handle, a `Guard` that always speaks to the live version. A later version goes live
   * only after it has accepted the last policy that the live one accepted.
   *
   * @throws LOADER_SWAP_REJECTED, LOADER_NAME_TAKEN, LOADER_CLOSED; RUNTIME_MODULE_CLOSED when unloaded meanwhile.
   */
  async loadGuard(source: ModuleSource, options: LoadGuardOptions): Promise<Guard> {
    const entry = this.#guardEntry(source, options);
    await this.#bring(entry);
    return this.#guardHandle(entry);
  }

  /**
   * Replaces the live version by what the source has now, or by another source, which is remembered once it went live.
   * New calls go to the new version from the moment this resolves; those that run end on the old one within `drainMs`.
   *
   * @throws LOADER_SWAP_REJECTED when the new version fails anything; the old one stays. LOADER_UNKNOWN_NAME.
   */
  async reload(name: string, source?: ModuleSource, options: { readonly sha256?: string } = {}): Promise<VersionFacts> {
    this.#mustBeOpen();
    const entry = this.#registry.find(name);
    const origin = source === undefined ? undefined : this.#origin(source, options.sha256);
    const facts = await entry.reload('reload', origin);
    this.#watches.get(entry)?.follow();
    return facts;
  }

  /** Goes back to the version before. Again, to the one before that, as far as `keep` reaches. @throws LOADER_NO_ROLLBACK */
  async rollback(name: string): Promise<VersionFacts> {
    this.#mustBeOpen();
    return this.#registry.find(name).rollback();
  }

  /**
   * Rotates a plugin's settings on every instance of the live version; later versions get them too.
   *
   * @throws RUNTIME_CONFIGURE_REJECTED when the guest refuses them; those before stay.
   */
  async configure(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
    await this.get(name).configure(settings);
  }

  /** Takes a module away: its calls get the after-close answers from now on. Resolves when everything is closed. */
  async unload(name: string, options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#mustBeOpen();
    await this.#unload(this.#registry.find(name), options.drainMs);
  }

  /**
   * Gives the name of a module away, in this very step. What it is stays as it is, for whoever has its handle and until that is closed; its file is
   * no longer watched.
   *
   * @throws LOADER_UNKNOWN_NAME
   */
  release(name: string): void {
    this.#mustBeOpen();
    const entry = this.#registry.find(name);
    this.#forget(entry);
    this.#released.add(entry);
    if (entry.live) this.#tellUnloaded(entry);
  }

  /** The plugin of this name: one handle for all its versions, until it is unloaded. @throws LOADER_UNKNOWN_NAME */
  get(name: string): Plugin {
    return this.#pluginHandle(this.#registry.findPlugin(name));
  }

  /** The guard of this name: one handle for all its versions, until it is unloaded. @throws LOADER_UNKNOWN_NAME */
  getGuard(name: string): Guard {
    return this.#guardHandle(this.#registry.findGuard(name));
  }

  /** What is loaded, or being loaded, now. */
  list(): readonly ModuleSummary[] {
    return [...this.#registry].map((entry) => entry.summary());
  }

  /**
   * Loads the `.wasm` files of a folder, and from then on what appears, changes and goes there. Resolves when the files
   * that are there now have been loaded or rejected; rejections are told as events.
   */
  async watchFolder(folder: string, options: WatchFolderOptions = {}): Promise<FolderWatch> {
    this.#mustBeOpen();
    const describe = options.describe ?? ((): FolderModule => ({ kind: 'plugin' }));
    const actions = {
      load: (file: FolderFile, found: ModuleBytes) => this.#loadFile(file, found, describe(file)),
      unload: (entry: AnyLoadedModule) => this.#unload(entry),
    };
    const watched = new WatchedFolder(folder, resolveSettleMs(options.settleMs), actions, this.#logger);
    this.#folders.add(watched);
    await watched.quiet();
    return {
      close: () => {
        watched.close();
        this.#folders.delete(watched);
      },
    };
  }

  /** Listens to one kind of event. @returns a function that stops listening */
  on<K extends keyof LoaderEvents>(event: K, listener: (event: LoaderEvents[K]) => unknown): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * Unloads everything, waits until all of it is closed, then complains about what was not closed cleanly. Idempotent
   * and shared.
   *
   * @throws AggregateError with one error for each module that failed to close.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #closeAll(): Promise<void> {
    for (const folder of this.#folders) folder.close();
    const closed = await Promise.allSettled([...this.#registry, ...this.#released].map((entry) => this.#unload(entry)));
    const failures = closed.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} modules did not close cleanly.`);
  }

  async #loadFile(
    file: FolderFile,
    found: ModuleBytes,
    module: FolderModule | null,
  ): Promise<AnyLoadedModule | undefined> {
    if (module === null) return undefined;
    const { kind, ...options } = module;
    const entry =
      kind === 'guard'
        ? this.#guardEntry(file.path, options as LoadGuardOptions)
        : this.#pluginEntry(file.path, { name: file.name, ...options });
    await this.#bring(entry, found);
    return entry;
  }

  /** Makes an entry live, or leaves nothing of it. */
  async #bring(entry: AnyLoadedModule, found?: ModuleBytes): Promise<void> {
    this.#mustBeOpen();
    const { watch, settleMs } = entry.version;
    if (watch && entry.origin.path === undefined) throw new TypeError('Expected a file where "watch" is true.');
    this.#registry.add(entry);
    try {
      await entry.load(found, (name) => this.#registry.claim(name, entry));
    } catch (error) {
      this.#registry.remove(entry);
      throw error;
    }
    if (watch && entry.live) this.#watches.set(entry, new EntryWatch(entry, settleMs, this.#logger));
  }

  #unload(entry: AnyLoadedModule, drainMs?: number): Promise<void> {
    const wasLive = entry.live !== undefined;
    this.#released.delete(entry);
    const isKnown = this.#forget(entry);
    const ended = entry.end(drainMs);
    if (isKnown && wasLive) this.#tellUnloaded(entry);
    return ended;
  }

  /** False where it was forgotten already. */
  #forget(entry: AnyLoadedModule): boolean {
    this.#watches.get(entry)?.close();
    this.#watches.delete(entry);
    return this.#registry.remove(entry);
  }

  #tellUnloaded({ name, kind }: AnyLoadedModule): void {
    this.#logger?.info({ module: name }, 'module unloaded');
    this.#events.emit('unloaded', { name, kind: kind.role });
  }

  #pluginEntry(source: ModuleSource, options: LoadOptions): LoadedPlugin {
    const { version, rest } = splitOptions(options);
    const { name, requireHealthy = false, probe, ...plugin } = rest;
    const kind = new PluginKind(
      this.#options.runtime,
      plugin,
      { requireHealthy, ...(probe && { probe }) },
      this.#logger,
    );
    return this.#entry<Plugin, PluginKind>(kind, this.#origin(source, version.sha256), name || undefined, version);
  }

  #guardEntry(source: ModuleSource, options: LoadGuardOptions): LoadedGuard {
    const { version, rest } = splitOptions(options);
    const name = options.name || UNNAMED_GUARD;
    const kind = new GuardKind(this.#options.runtime, { ...rest, name });
    return this.#entry<Guard, GuardKind>(kind, this.#origin(source, version.sha256), name, version);
  }

  #entry<M extends GuestModule, K extends ModuleKind<M>>(
    kind: K,
    origin: ResolvedSource,
    name: string | undefined,
    version: ResolvedVersionOptions,
  ): LoadedModule<M, K> {
    const now = this.#options.now ?? Date.now;
    return new LoadedModule({ kind, origin, name, version, events: this.#events, logger: this.#logger, now });
  }

  #origin(source: ModuleSource, sha256: string | undefined): ResolvedSource {
    return resolveOrigin(source, sha256, { fetch: this.#options.fetch ?? fetch });
  }

  #pluginHandle(entry: LoadedPlugin): ReloadablePlugin {
    const known = this.#handles.get(entry) as ReloadablePlugin | undefined;
    const handle = known ?? new ReloadablePlugin(entry, (drainMs) => this.#unload(entry, drainMs));
    this.#handles.set(entry, handle);
    return handle;
  }

  #guardHandle(entry: LoadedGuard): ReloadableGuard {
    const known = this.#handles.get(entry) as ReloadableGuard | undefined;
    const handle = known ?? new ReloadableGuard(entry, (drainMs) => this.#unload(entry, drainMs));
    this.#handles.set(entry, handle);
    return handle;
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw new LoaderClosedError();
  }
}

/** Makes a loader over a runtime. The caller closes the loader first, then the runtime. */
export function createLoader(options: LoaderOptions): Loader {
  return new Loader(options);
}
