import type { CompilationCache } from './compilation-cache.ts';
import { CacheClosedError, CacheCloseError, CacheReplaceError } from './errors.ts';

/** Holds the cache in service and lets it be replaced while others compile with it. */
export class CacheSlot implements AsyncDisposable {
  readonly #closed = Promise.withResolvers<undefined>();
  #current: CompilationCache;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(initial: CompilationCache) {
    this.#current = initial;
  }

  /** The cache in service. Read it again for every compile: a cache that was replaced refuses new work. */
  get current(): CompilationCache {
    return this.#current;
  }

  /**
   * Opens another cache and puts it in service, then closes the one before. Compiles under way finish on the old one,
   * which closes after them. Replacements happen one after another, in the order they were asked for.
   *
   * @throws CACHE_REPLACE when `open` fails: the current cache stays in service.
   * @throws CACHE_CLOSE when the old cache did not close cleanly: the new one is in service all the same.
   * @throws CACHE_CLOSED when the slot is closed, or closes while `open` runs; what `open` gives is closed then.
   */
  replace(open: () => Promise<CompilationCache>): Promise<void> {
    const done = this.#turn.then(() => this.#replace(open));
    this.#turn = done.catch(() => undefined); // the caller has the failure; the next in turn runs all the same
    return done;
  }

  /**
   * Closes the cache in service, and waits for the closing of those it replaced. Never waits for an `open` under way.
   *
   * @throws CACHE_CLOSE when the cache in service did not close cleanly.
   */
  close(): Promise<void> {
    this.#closed.resolve(undefined);
    this.#closing ??= this.#turn.then(() => retire(this.#current));
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #replace(open: () => Promise<CompilationCache>): Promise<void> {
    if (this.#closing !== undefined) throw new CacheClosedError('replace');
    const opening = Promise.resolve().then(open);
    const next = await Promise.race([opening, this.#closed.promise]).catch((cause: unknown) => {
      throw new CacheReplaceError(cause);
    });
    if (this.#closing !== undefined || next === undefined) {
      opening.then((late) => late.close()).catch(() => undefined); // nobody waits for it any more
      throw new CacheClosedError('replace');
    }
    const old = this.#current;
    this.#current = next;
    if (old !== next) await retire(old);
  }
}

async function retire(cache: CompilationCache): Promise<void> {
  try {
    await cache.close();
  } catch (cause) {
    throw new CacheCloseError(cause);
  }
}
