import { randomBytes } from 'node:crypto';
import type { Logger } from '../../logger.ts';
import type { StateStore } from '../state-store.ts';
import type { RedisChannels } from './redis-channels.ts';

/** How often this process tells itself something, in milliseconds. */
const TOLD_EVERY_MS = 2_000;

/** How long the connection that listens may be away before that is said, and how often it is said again, in milliseconds. */
const DEAF_MS = 4_000;
const SAID_AGAIN_MS = 60_000;

/**
 * Tells this process something through the server again and again. A connection whose other end has vanished without a word looks like one on which nobody says
 * anything, and the server goes on to count it as one that listens: where nothing is heard until the next time, another one takes its place. Where none can be had though the
 * server answers, it says so, and has all who listen read what they cannot be told.
 */
export class RedisHearing {
  readonly #store: Pick<StateStore, 'publish' | 'subscribe' | 'deafSince'>;
  readonly #channels: Pick<RedisChannels, 'heardAt' | 'renew' | 'deafSince' | 'whyDeaf' | 'tellOfGap'>;
  readonly #logger: Logger;
  readonly #channel = `hearing:${randomBytes(6).toString('hex')}`;
  #timer: NodeJS.Timeout | undefined;
  /** When it was told last, as `performance.now()` has it; undefined while the server has not taken it. */
  #toldAt: number | undefined;
  #isTelling = false;
  /** When it was said that nothing is heard, as `performance.now()` has it; undefined where that is over. */
  #saidAt: number | undefined;
  #isClosed = false;

  constructor(
    store: Pick<StateStore, 'publish' | 'subscribe' | 'deafSince'>,
    channels: Pick<RedisChannels, 'heardAt' | 'renew' | 'deafSince' | 'whyDeaf' | 'tellOfGap'>,
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
    if (this.#isClosed) return;
    this.#lookWhetherDeaf();
    if (this.#isTelling) return;
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

  #lookWhetherDeaf(): void {
    const { deafSince } = this.#store;
    const now = performance.now();
    if (deafSince !== undefined) {
      this.#channels.tellOfGap();
      if (now - deafSince < DEAF_MS || (this.#saidAt !== undefined && now - this.#saidAt < SAID_AGAIN_MS)) return;
      this.#saidAt = now;
      this.#logger.warn(
        { reason: this.#channels.whyDeaf },
        'the state store answers, but gives no second connection on which this gateway would hear the others: calls that they hold cannot be made here until it does',
      );
    } else if (this.#saidAt !== undefined && this.#channels.deafSince === undefined) {
      this.#saidAt = undefined;
      this.#logger.info({}, 'this gateway hears the others again');
    }
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
