import { randomBytes } from 'node:crypto';
import type { Logger } from '../../logger.ts';
import type { StateStore } from '../state-store.ts';
import type { RedisChannels } from './redis-channels.ts';

/** How often this process tells itself something, in milliseconds. */
const TOLD_EVERY_MS = 2_000;

/**
 * Tells this process something through the server again and again. A connection whose other end has vanished without a word looks like one on which nobody says
 * anything, and the server goes on to count it as one that listens: where nothing is heard until the next time, another one takes its place.
 */
export class RedisHearing {
  readonly #store: Pick<StateStore, 'publish' | 'subscribe'>;
  readonly #channels: Pick<RedisChannels, 'heardAt' | 'renew'>;
  readonly #logger: Logger;
  readonly #channel = `hearing:${randomBytes(6).toString('hex')}`;
  #timer: NodeJS.Timeout | undefined;
  /** When it was told last, as `performance.now()` has it; undefined while the server has not taken it. */
  #toldAt: number | undefined;
  #isTelling = false;
  #isClosed = false;

  constructor(
    store: Pick<StateStore, 'publish' | 'subscribe'>,
    channels: Pick<RedisChannels, 'heardAt' | 'renew'>,
    logger: Logger,
  ) {
    this.#store = store;
    this.#channels = channels;
    this.#logger = logger;
  }

  /** @throws GATEWAY_STATE where it cannot tell itself anything. */
  async begin(): Promise<void> {
    await this.#store.subscribe(this.#channel, { message: () => undefined });
    await this.#tell();
    if (this.#isClosed) return;
    // What came while this thread was busy is read before it is missed.
    this.#timer = setInterval(() => setImmediate(() => this.#look()), TOLD_EVERY_MS);
    this.#timer.unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#isTelling || this.#isClosed) return;
    const toldAt = this.#toldAt;
    // Anything that comes shows that the connection lives: what it was told may wait behind that.
    if (toldAt !== undefined && this.#channels.heardAt < toldAt && this.#channels.renew(toldAt)) {
      this.#logger.warn(
        {},
        'the connection that hears what other gateways say through the state store carried nothing any more, and is made anew',
      );
    }
    this.#tell().catch(() => undefined); // the connection that tells is looked after by itself
  }

  async #tell(): Promise<void> {
    this.#isTelling = true;
    this.#toldAt = undefined;
    const now = performance.now();
    try {
      await this.#store.publish(this.#channel, null);
      this.#toldAt = now;
    } finally {
      this.#isTelling = false;
    }
  }
}
