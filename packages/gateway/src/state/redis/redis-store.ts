import { randomBytes } from 'node:crypto';
import { parseJson } from '../../json.ts';
import type { Logger } from '../../logger.ts';
import type { ChannelListener, Revision, StateStore, Stored, Swap, Unsubscribe, Write } from '../state-store.ts';
import { mustBeTtl, toStoredJson } from '../stored-json.ts';
import type { RedisChannels } from './redis-channels.ts';
import type { RedisLink } from './redis-link.ts';
import { LIFE, OTHER_LIFE, SWAP, SWAPPED, type SwapReply } from './redis-scripts.ts';

/** How often another life may begin while one operation asks for its own. */
const MAX_LIVES_ON_THE_WAY = 3;

/** Records that are asked for in one command. */
const MAX_AT_ONCE = 500;

/** Records that are asked for in the same turn. */
interface Batch {
  readonly keys: string[];
  readonly texts: Promise<readonly (string | null)[]>;
}

export interface RedisStoreParts {
  readonly link: RedisLink;
  readonly channels: RedisChannels;
  /** Begins every key. */
  readonly prefix: string;
  readonly logger: Logger;
}

/**
 * State that several gateways share, in one Redis. A record is one string: its revision, a line break, JSON. Each operation is one command or one script, and so
 * whole or not at all; the server lets records expire. A key of its own, read along with every record, tells that the server was emptied.
 */
export class RedisStore implements StateStore {
  readonly isShared = true;
  readonly #link: RedisLink;
  readonly #channels: RedisChannels;
  readonly #prefix: string;
  readonly #lifeKey: string;
  readonly #logger: Logger;
  /** With it no revision is another process's, and no life another server's. */
  readonly #name = randomBytes(9).toString('base64url');
  #revisions = 0;
  #life = '';
  #learning: Promise<void> | undefined;
  #batch: Batch | undefined;

  constructor({ link, channels, prefix, logger }: RedisStoreParts) {
    this.#link = link;
    this.#channels = channels;
    this.#prefix = prefix;
    this.#lifeKey = `${prefix}life`;
    this.#logger = logger;
  }

  get lives(): number {
    return Number.parseInt(this.#life, 10) || 1;
  }

  /** @throws GATEWAY_STATE where the server cannot be reached in time. */
  async open(): Promise<void> {
    await this.#link.opened();
    await this.#learnLife();
  }

  async get(key: string): Promise<Stored | undefined> {
    this.#batch ??= this.#beginBatch();
    const { keys, texts } = this.#batch;
    const at = keys.push(this.#keyOf(key)) - 1;
    if (keys.length === MAX_AT_ONCE) this.#batch = undefined;
    return toStored((await texts)[at]);
  }

  async put(key: string, write: Write): Promise<void> {
    const { text, ttlMs } = this.#toText(write);
    await this.#link.ask((client) =>
      ttlMs === undefined ? client.set(this.#keyOf(key), text) : client.set(this.#keyOf(key), text, 'PX', ttlMs),
    );
  }

  async compareAndSet(key: string, expected: Revision | undefined, write: Write | undefined): Promise<Swap> {
    const { text, ttlMs } = write ? this.#toText(write) : { text: '', ttlMs: undefined };
    for (let tries = 0; ; tries += 1) {
      const [outcome, found] = await this.#swap(this.#keyOf(key), [expected ?? '', text, ttlMs ?? '']);
      if (outcome === SWAPPED) return { swapped: true, current: toStored(write && text) };
      if (outcome !== OTHER_LIFE || tries === MAX_LIVES_ON_THE_WAY) return { swapped: false, current: toStored(found) };
      await this.#learnLife();
    }
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    this.#link.mustBeOpen();
    mustBeTtl(ttlMs);
    return (await this.#link.ask((client) => client.pexpire(this.#keyOf(key), ttlMs))) === 1;
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#link.ask((client) => client.del(this.#keyOf(key)))) === 1;
  }

  async publish(channel: string, message: unknown): Promise<void> {
    const json = toStoredJson(message);
    await this.#link.ask((client) => client.publish(`${this.#prefix}c:${channel}`, json));
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<Unsubscribe> {
    this.#link.mustBeOpen();
    return this.#channels.add(channel, listener);
  }

  async close(): Promise<void> {
    this.#channels.close();
    this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** All that is asked for until this turn is over is one command, and so of one moment. */
  #beginBatch(): Batch {
    const keys: string[] = [];
    const ask = async (): Promise<readonly (string | null)[]> => {
      if (this.#batch?.keys === keys) this.#batch = undefined;
      const texts = await this.#link.ask((client) => client.mget(...keys, this.#lifeKey));
      if (texts.at(-1) !== this.#life) await this.#learnLife();
      return texts;
    };
    return { keys, texts: Promise.resolve().then(ask) };
  }

  #swap(key: string, rest: readonly (string | number)[]): Promise<SwapReply> {
    return this.#link.run(SWAP, [key, this.#lifeKey], [this.#life, ...rest]) as Promise<SwapReply>;
  }

  /** Several that find another life at once ask once. */
  #learnLife(): Promise<void> {
    this.#learning ??= this.#askForLife().finally(() => {
      this.#learning = undefined;
    });
    return this.#learning;
  }

  async #askForLife(): Promise<void> {
    const before = this.#life;
    const life = await this.#link.run(LIFE, [this.#lifeKey], [before, this.#name]);
    this.#life = String(life);
    if (before === '' || this.#life === before) return;
    this.#logger.error(
      { lives: this.lives },
      'the state store was emptied: sessions end, and callers without a session are denied what their labels and counts decide until they are reset',
    );
  }

  #keyOf(key: string): string {
    return `${this.#prefix}r:${key}`;
  }

  #toText({ value, ttlMs }: Write): { readonly text: string; readonly ttlMs: number | undefined } {
    this.#link.mustBeOpen();
    if (ttlMs !== undefined) mustBeTtl(ttlMs);
    this.#revisions += 1;
    return { text: `${this.#name}-${this.#revisions.toString(36)}\n${toStoredJson(value)}`, ttlMs };
  }
}

function toStored(text: string | null | undefined): Stored | undefined {
  if (!text) return undefined;
  const end = text.indexOf('\n');
  return { value: parseJson(text.slice(end + 1)), revision: text.slice(0, end) };
}
