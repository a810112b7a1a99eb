import type { Logger } from '@lockgate/runtime';
import type { ModuleBytes } from '../module-source.ts';
import type { AnyLoadedModule } from '../registry.ts';
import { type FolderFile, FolderWatcher } from './folder-watcher.ts';

/** What a watched folder does with its files. */
export interface FolderActions {
  /** Loads a file; undefined when it is to be left alone. */
  readonly load: (file: FolderFile, found: ModuleBytes) => Promise<AnyLoadedModule | undefined>;
  readonly unload: (entry: AnyLoadedModule) => Promise<void>;
}

/** One file: what is loaded of it, and what was found since. */
interface FileState {
  entry: AnyLoadedModule | undefined;
  /** The newest thing to do; null is to unload. */
  wanted: ModuleBytes | null | undefined;
  busy: boolean;
}

/** Loads what appears in a folder, reloads what changes there, and unloads what goes. */
export class WatchedFolder {
  readonly #actions: FolderActions;
  readonly #logger: Logger | undefined;
  readonly #watcher: FolderWatcher;
  readonly #files = new Map<string, FileState>();
  readonly #working = new Set<Promise<unknown>>();

  constructor(folder: string, settleMs: number, actions: FolderActions, logger: Logger | undefined) {
    this.#actions = actions;
    this.#logger = logger;
    this.#watcher = new FolderWatcher({
      folder,
      settleMs,
      onFile: (file, found) => this.#want(file, found),
      onGone: (file) => this.#want(file, null),
      onError: (error) => logger?.error({ folder, err: error }, 'a folder cannot be watched'),
    });
  }

  /** Settles when every file that is there now has been loaded or rejected. */
  async quiet(): Promise<void> {
    await this.#watcher.quiet();
    while (this.#working.size > 0) await Promise.allSettled(this.#working);
  }

  /** Watches no longer; what was loaded stays. */
  close(): void {
    this.#watcher.close();
    this.#files.clear();
  }

  #want(file: FolderFile, wanted: ModuleBytes | null): void {
    const state = this.#files.get(file.path) ?? { entry: undefined, wanted, busy: false };
    this.#files.set(file.path, state);
    state.wanted = wanted;
    if (!state.busy) this.#work(this.#satisfy(file, state));
  }

  /** One thing at a time per file, and of what came meanwhile only the newest. */
  async #satisfy(file: FolderFile, state: FileState): Promise<void> {
    state.busy = true;
    for (let { wanted } = state; wanted !== undefined; wanted = state.wanted) {
      state.wanted = undefined;
      try {
        if (wanted === null) this.#unload(state);
        else await this.#bring(file, state, wanted);
      } catch (error) {
        this.#logger?.warn({ path: file.path, err: error }, 'a file of a watched folder was not loaded');
      }
    }
    state.busy = false;
    if (state.entry === undefined) this.#files.delete(file.path);
  }

  async #bring(file: FolderFile, state: FileState, found: ModuleBytes): Promise<void> {
    const { entry } = state;
    if (entry?.live === undefined) state.entry = await this.#actions.load(file, found);
    else if (entry.live.facts.digest !== found.digest) await entry.reload('watch', undefined, found);
  }

  /** Begins at once; that its last calls take their time must not keep the file from coming back. */
  #unload(state: FileState): void {
    if (state.entry) this.#work(this.#actions.unload(state.entry));
    state.entry = undefined;
  }

  #work(promise: Promise<unknown>): void {
    const working = promise.catch(() => undefined).finally(() => this.#working.delete(working));
    this.#working.add(working);
  }
}
