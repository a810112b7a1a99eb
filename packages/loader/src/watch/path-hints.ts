import { type FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { type PathHops, pathHops } from './path-hops.ts';

/** Who is told, and of what. */
export interface PathHintsOptions {
  /** Whether all that happens inside the path, a folder, is told too. */
  readonly contents?: boolean;
  /** Something happened; what, only looking tells. */
  readonly onHint: () => void;
  /** The file system cannot be watched, for example because the limit of watches is reached. */
  readonly onError: (error: unknown) => void;
  /** Follows a path; tests put something in its way. @default pathHops */
  readonly follow?: (path: string) => Promise<PathHops>;
}

/** Tells when something happened on the way to a path, or at its end. Arm it again after every hint: ways change. */
export class PathHints {
  readonly #path: string;
  readonly #options: PathHintsOptions;
  readonly #follow: (path: string) => Promise<PathHops>;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Folders that could not be watched when that was last tried. */
  readonly #unwatchable = new Set<string>();
  #hops: PathHops = new Map();
  #closed = false;

  constructor(path: string, options: PathHintsOptions) {
    this.#path = options.contents ? join(path, '*') : path;
    this.#options = options;
    this.#follow = options.follow ?? pathHops;
  }

  /** Watches the folders that the path leads through now, and leaves the others. */
  async arm(): Promise<void> {
    // The way may change between its following and the watching of it: it is right when following it again adds nothing.
    this.#unwatchable.clear();
    for (let added = true; added && !this.#closed; ) {
      const hops = await this.#follow(this.#path);
      if (!this.#closed) added = this.#adopt(hops);
    }
  }

  close(): void {
    this.#closed = true;
    for (const folder of this.#watchers.keys()) this.#drop(folder);
  }

  /** Whether a folder, or a name in one, is watched that was not before. */
  #adopt(hops: PathHops): boolean {
    let added = false;
    for (const folder of this.#watchers.keys()) {
      if (!hops.has(folder)) this.#drop(folder);
    }
    for (const [folder, names] of hops) {
      const watched = this.#watchers.has(folder) || this.#unwatchable.has(folder);
      const known = watched ? this.#hops.get(folder) : undefined;
      added ||= known === undefined || [...names].some((name) => !known.has(name));
      if (!watched) this.#watch(folder);
    }
    this.#hops = hops;
    return added;
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, (_event, name) => this.#onEvent(folder, name));
      // A folder that vanishes is an error on some systems; the next arming finds what has come in its place.
      watcher.on('error', () => this.#lose(folder));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // it has gone since: the way is followed again
      this.#unwatchable.add(folder);
      this.#options.onError(error);
    }
  }

  #onEvent(folder: string, name: string | null): void {
    if (this.#closed) return;
    // An event that bears the folder's own name says that the folder itself was moved or deleted.
    const names = this.#hops.get(folder);
    if (name === basename(folder)) this.#lose(folder);
    else if (name === null || names?.has('*') || names?.has(name)) this.#options.onHint();
  }

  #lose(folder: string): void {
    if (this.#closed) return;
    this.#drop(folder);
    this.#options.onHint();
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
