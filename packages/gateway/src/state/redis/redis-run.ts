import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from '../../logger.ts';

/**
 * How long nobody reads or writes after the server has begun to run anew, in milliseconds: until each gateway that was there before has come back, and compared what it saw
 * with what is left. Longer than `MAX_PAUSE_MS`, and shorter than operations wait for a connection.
 */
export const SETTLING_MS = 1_250;

/** How often it is asked whether that is over, of which the server tells nobody, in milliseconds. */
const SETTLED_YET_MS = 100;

/** Longest pause between two tries to reach a server that is away. */
export const MAX_PAUSE_MS = 500;

/** Tells the runs of the server apart: where it was started again, and where another one stands behind its address. */
export class RedisRuns {
  readonly #logger: Logger;
  #warned = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The name of the run that answers. One that does not tell counts as another one with each connection. */
  async current(client: Redis): Promise<string> {
    const id = /^run_id:(\w+)/m.exec(await client.info('server'))?.[1];
    if (id !== undefined) return id;
    if (!this.#warned)
      this.#logger.warn(
        {},
        'the state store tells no "run_id" in INFO, so that one which was started again cannot be told from one that was out of reach: where gateways lose their connections, sessions and labels may count as lost; use a server that tells it',
      );
    this.#warned = true;
    return randomUUID().replaceAll('-', '');
  }

  /** Resolves when it is time to ask again whether all have compared. */
  mayHaveSettled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, SETTLED_YET_MS);
    return promise;
  }
}
