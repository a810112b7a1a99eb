import type { Logger } from '../logger.ts';
import type { Served } from './served.ts';

/** Servers that are no longer served while calls that began before still run on them. */
export class Leaving {
  readonly #logger: Logger;
  readonly #left = new Set<Served>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * Closes a server that gets no new calls any more, once none runs on it or after `timeoutMs`. Resolves when it is closed
   * where it is idle, and at once where it is not: nobody waits for the calls of others.
   */
  async close(served: Served, timeoutMs: number): Promise<void> {
    if (served.drain.running === 0) await served.upstream.close();
    else void this.#closeLater(served, timeoutMs);
  }

  /** Closes those whose calls still run, now. */
  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#left].map(({ upstream }) => upstream.close()));
  }

  async #closeLater(served: Served, timeoutMs: number): Promise<void> {
    const { name: server, drain, upstream } = served;
    this.#left.add(served);
    if (!(await drain.settled(timeoutMs))) {
      this.#logger.warn({ server, running: drain.running, timeoutMs }, 'calls of a server that was removed are cut');
    }
    await upstream.close().catch(() => {});
    this.#left.delete(served);
  }
}
