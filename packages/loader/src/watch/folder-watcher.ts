import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleBytes } from '../module-source.ts';
import { PathHints } from './path-hints.ts';
import { PathWatcher } from './path-watcher.ts';

const EXTENSION = '.wasm';

/** What one watched folder needs. */
export interface FolderWatcherOptions {
  readonly folder: string;
  /** How long a file must hold still, in milliseconds. */
  readonly settleMs: number;
  /** A file appeared or changed, and held still. */
  readonly onFile: (file: FolderFile, found: ModuleBytes) => void;
  readonly onGone: (file: FolderFile) => void;
  readonly onError: (error: unknown) => void;
}

/** A `.wasm` file of a folder. */
export interface FolderFile {
  /** The file's name without its ending. */
  readonly name: string;
  readonly path: string;
}

/** Watches the `.wasm` files directly in a folder, links included; names that begin with a dot are left alone. */
export class FolderWatcher {
  readonly #options: FolderWatcherOptions;
  readonly #hints: PathHints;
  readonly #files = new Map<string, PathWatcher>();
  #hinted = false;
  #scanning: Promise<void> | undefined;
  #closed = false;

  constructor(options: FolderWatcherOptions) {
    this.#options = options;
    this.#hints = new PathHints(options.folder, {
      contents: true,
      onHint: () => this.#scan(),
      onError: options.onError,
    });
    this.#scan();
  }

  /** Settles when every file that is there has been told. */
  async quiet(): Promise<void> {
    while (this.#scanning !== undefined) await this.#scanning;
    await Promise.all([...this.#files.values()].map((watcher) => watcher.quiet()));
  }

  close(): void {
    this.#closed = true;
    this.#hints.close();
    for (const watcher of this.#files.values()) watcher.close();
    this.#files.clear();
  }

  #scan(): void {
    this.#hinted = true;
    if (this.#scanning !== undefined || this.#closed) return;
    this.#hinted = false;
    this.#scanning = this.#scanOnce()
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#scanning = undefined;
        if (this.#hinted) this.#scan();
      });
  }

  async #scanOnce(): Promise<void> {
    await this.#hints.arm();
    const names = await wasmFiles(this.#options.folder);
    if (this.#closed) return;
    for (const [name, watcher] of this.#files) {
      if (watcher.empty && !names.includes(name)) this.#forget(name); // it was gone before it could be told
    }
    for (const name of names) {
      if (!this.#files.has(name)) this.#files.set(name, this.#watch(name));
    }
  }

  #watch(fileName: string): PathWatcher {
    const { folder, settleMs, onFile, onGone, onError } = this.#options;
    const file: FolderFile = { name: fileName.slice(0, -EXTENSION.length), path: join(folder, fileName) };
    return new PathWatcher({
      path: file.path,
      settleMs,
      onChange: (found) => onFile(file, found),
      onGone: () => {
        this.#forget(fileName);
        onGone(file);
        this.#scan(); // it may have come back while it was told
      },
      onError,
    });
  }

  #forget(fileName: string): void {
    this.#files.get(fileName)?.close();
    this.#files.delete(fileName);
  }
}

async function wasmFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(EXTENSION) && !name.startsWith('.')).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
