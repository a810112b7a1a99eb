import type { Logger } from '@lockgate/runtime';
import type { AnyLoadedModule } from '../registry.ts';
import { PathWatcher } from './path-watcher.ts';

/** Reloads one module whenever its file has changed. */
export class EntryWatch {
  readonly #entry: AnyLoadedModule;
  readonly #settleMs: number;
  readonly #logger: Logger | undefined;
  #path: string | undefined;
  #watcher: PathWatcher | undefined;

  constructor(entry: AnyLoadedModule, settleMs: number, logger: Logger | undefined) {
    this.#entry = entry;
    this.#settleMs = settleMs;
    this.#logger = logger;
    this.follow();
  }

  /** Watches where the module comes from now; a source that is no file is not watched. */
  follow(): void {
    const { path } = this.#entry.origin;
    if (path === this.#path) return;
    this.close();
    this.#path = path;
    if (path === undefined) return;
    const knownDigest = this.#entry.live?.facts.digest;
    this.#watcher = new PathWatcher({
      path,
      settleMs: this.#settleMs,
      ...(knownDigest === undefined ? {} : { knownDigest }),
      onChange: (found) => {
        if (found.digest === this.#entry.live?.facts.digest) this.#entry.pardon();
        else this.#entry.reload('watch', undefined, found).catch(() => undefined); // told as the event "rejected"
      },
      onUnreadable: () => void this.#entry.reload('watch').catch(() => undefined), // which says why
      onError: (error) => {
        this.#logger?.error({ module: this.#entry.name, err: error }, 'the file of a module cannot be watched');
      },
    });
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#path = undefined;
  }
}
