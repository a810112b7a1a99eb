import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { parseJson } from '../../json.ts';
import type { Logger } from '../../logger.ts';
import { StateError } from '../state-error.ts';
import type { ChannelListener, Revision, StateStore, Stored, Swap, Unsubscribe, Write } from '../state-store.ts';
import { mustBeTtl, toStoredJson } from '../stored-json.ts';
import type { RedisChannels } from './redis-channels.ts';
import { RedisHearing } from './redis-hearing.ts';
import { type RedisLink, runScript } from './redis-link.ts';
import { RedisRuns, SETTLING_MS } from './redis-run.ts';
import {
  DELETE,
  EXPIRE,
  LIFE,
  OTHER_LIFE,
  PUT,
  READ,
  type RedisScript,
  SWAP,
  WRITTEN,
  type WriteReply,
} from './redis-scripts.ts';

/** How often another life may begin while one operation asks for its own. */
const MAX_LIVES_ON_THE_WAY = 3;

/** Records that are asked for in one command. */
const MAX_AT_ONCE = 500;

/** Records that are asked for in the same turn. */
interface Batch {
  readonly keys: string[];
  readonly texts: Promise<readonly (string | null | undefined)[]>;
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
 * whole or not at all; the server lets records expire. Two keys of their own, read along with every record, tell that the server was emptied, or has come back as it was
 * earlier (from a snapshot, or as a replica that was behind): the number of writes never falls. A new life begins then, and records of the lives before count as lost. Where it was
 * started again, or another one stands in its place, nothing is read or written before each gateway has compared: what others write since would hide what was lost.
 */
export class RedisStore implements StateStore {
  readonly isShared = true;
  readonly #link: RedisLink;
  readonly #channels: RedisChannels;
  readonly #prefix: string;
  readonly #lifeKey: string;
  readonly #writesKey: string;
  readonly #runs: RedisRuns;
  readonly #hearing: RedisHearing;
  readonly #logger: Logger;
  /** With it no revision is another process's, and no life another server's. */
  readonly #name = randomBytes(9).toString('base64url');
  #revisions = 0;
  #life = '';
  /** Which run of the server was asked last, in its list of them. */
  #run = '';
  /** The highest number of writes that was seen. */
  #writes = 0;
  /** Whether the server counts all who listen, which it does where it has counted this process; what stands before it may know some of them alone. */
  #countsListeners = false;
  #learning: Promise<void> | undefined;
  #batch: Batch | undefined;

  constructor({ link, channels, prefix, logger }: RedisStoreParts) {
    this.#link = link;
    this.#channels = channels;
    this.#prefix = prefix;
    this.#lifeKey = `${prefix}life`;
    this.#writesKey = `${prefix}writes`;
    this.#logger = logger;
    this.#runs = new RedisRuns(logger);
    this.#hearing = new RedisHearing(this, channels, logger);
  }

  get lives(): number {
    return Number.parseInt(this.#life, 10) || 1;
  }

  get deafSince(): number | undefined {
    const { deafSince } = this.#channels;
    const { thereSince } = this.#link;
    return deafSince === undefined || thereSince === undefined ? undefined : Math.max(deafSince, thereSince);
  }

  /** @throws GATEWAY_STATE */
  open(): Promise<void> {
    return this.#link.meet();
  }

  /**
   * From here on it looks whether it hears what is published.
   *
   * @throws GATEWAY_STATE
   */
  hear(): Promise<void> {
    return this.#hearing.begin();
  }

  /** What is asked for over a new connection before anything else: whether the server has all that was seen before. Resolves when all gateways have had the time to ask. */
  async meet(client: Redis, isThis: () => boolean): Promise<void> {
    const run = await this.#runs.current(client);
    for (;;) {
      if (!isThis()) throw new Error('Connection is closed.');
      const isSettled = await this.#askForLife(run, (keys, values) => runScript(client, LIFE, keys, values));
      if (isSettled) return;
      await this.#runs.mayHaveSettled();
    }
  }

  async get(key: string): Promise<Stored | undefined> {
    this.#batch ??= this.#beginBatch();
    const { keys, texts } = this.#batch;
    const at = keys.push(this.#keyOf(key)) - 1;
    if (keys.length === MAX_AT_ONCE) this.#batch = undefined;
    return this.#toStored((await texts)[at]);
  }

  async put(key: string, write: Write): Promise<void> {
    await this.#write(PUT, key, () => {
      const { text, ttlMs } = this.#toText(write);
      return [text, ttlMs ?? ''];
    });
  }

  async compareAndSet(key: string, expected: Revision | undefined, write: Write | undefined): Promise<Swap> {
    let written = '';
    const [outcome, found] = await this.#write(SWAP, key, () => {
      const { text, ttlMs } = write ? this.#toText(write) : { text: '', ttlMs: undefined };
      written = text;
      return [expected ?? '', text, ttlMs ?? ''];
    });
    if (outcome === WRITTEN) return { swapped: true, current: write && this.#toStored(written) };
    return { swapped: false, current: this.#toStored(outcome === OTHER_LIFE ? undefined : (found as string | null)) };
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    this.#link.mustBeOpen();
    mustBeTtl(ttlMs);
    const [outcome, isThere] = await this.#write(EXPIRE, key, () => [ttlMs]);
    return outcome === WRITTEN && isThere === 1;
  }

  async delete(key: string): Promise<boolean> {
    const keys = [this.#keyOf(key), this.#writesKey];
    const [deleted, writes] = (await this.#link.run(DELETE, keys, [])) as readonly [number, number];
    this.#writes = Math.max(this.#writes, writes);
    return deleted === 1;
  }

  async publish(channel: string, message: unknown): Promise<boolean> {
    const json = toStoredJson(message);
    const count = await this.#link.ask((client) => client.publish(`${this.#prefix}c:${channel}`, json));
    if (this.#channels.hears(channel)) this.#countsListeners = count > 0;
    return count > 0 || !this.#countsListeners;
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<Unsubscribe> {
    this.#link.mustBeOpen();
    return this.#channels.add(channel, listener);
  }

  async close(): Promise<void> {
    this.#hearing.close();
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
      const texts = (await this.#link.run(READ, [...keys, this.#lifeKey, this.#writesKey], [])) as (string | null)[];
      const writes = Number(texts.at(-1) ?? 0);
      if (texts.at(-2) !== this.#life || writes < this.#writes) await this.#learnLife();
      else this.#writes = writes;
      return texts;
    };
    return { keys, texts: Promise.resolve().then(ask) };
  }

  /** @param values - What the script is told besides the life; asked for anew in each. */
  async #write(script: RedisScript, key: string, values: () => readonly (string | number)[]): Promise<WriteReply> {
    for (let tries = 0; ; tries += 1) {
      const keys = [this.#keyOf(key), this.#lifeKey, this.#writesKey];
      const reply = (await this.#link.run(script, keys, [this.#life, this.#writes, ...values()])) as WriteReply;
      const [outcome, told] = reply;
      if (outcome === WRITTEN) this.#writes = Math.max(this.#writes, Number(told));
      if (outcome !== OTHER_LIFE || tries === MAX_LIVES_ON_THE_WAY) return reply;
      await this.#learnLife();
    }
  }

  /** Several that find another life at once ask once. */
  #learnLife(): Promise<void> {
    this.#learning ??= this.#askForLife('', (keys, values) => this.#link.run(LIFE, keys, values))
      .then(() => undefined)
      .finally(() => {
        this.#learning = undefined;
      });
    return this.#learning;
  }

  /** @param run - Of the server, where it may be another one than was asked last. */
  async #askForLife(
    run: string,
    ask: (keys: readonly string[], values: readonly (string | number)[]) => Promise<unknown>,
  ): Promise<boolean> {
    const before = this.#life;
    const keys = [this.#lifeKey, this.#writesKey, `${this.#prefix}runs`, `${this.#prefix}settling`];
    const reply = await ask(keys, [before, this.#name, this.#writes, run, this.#run, SETTLING_MS]);
    const [life, writes, place, settling] = reply as readonly [string, number, string, number];
    if (!Number.isSafeInteger(Number.parseInt(life, 10)))
      throw new StateError({ kind: 'unreachable', reason: this.#noLife });
    this.#life = life;
    this.#writes = writes;
    this.#run = place;
    const isSettled = settling === 0;
    if (before === '' || this.#life === before) return isSettled;
    this.#logger.error(
      { lives: this.lives },
      'the state store was emptied, or has come back as it was earlier: sessions end, and callers without a session are denied what their labels and counts decide until they are reset',
    );
    return isSettled;
  }

  /** What counts no further would take a loss for none. */
  get #noLife(): string {
    return `the key "${this.#lifeKey}" holds no number that can be counted on; delete it, which ends all sessions`;
  }

  #keyOf(key: string): string {
    return `${this.#prefix}r:${key}`;
  }

  #toText({ value, ttlMs }: Write): { readonly text: string; readonly ttlMs: number | undefined } {
    this.#link.mustBeOpen();
    if (ttlMs !== undefined) mustBeTtl(ttlMs);
    this.#revisions += 1;
    return { text: `${this.lives}.${this.#name}-${this.#revisions.toString(36)}\n${toStoredJson(value)}`, ttlMs };
  }

  /** A record of another life is lost. What names none is damaged, and here. */
  #toStored(text: string | null | undefined): Stored | undefined {
    if (text === null || text === undefined) return undefined;
    const life = /^(\d+)\./.exec(text)?.[1];
    if (life !== undefined && Number(life) !== this.lives) return undefined;
    const end = text.indexOf('\n');
    return { value: parseJson(text.slice(end + 1)), revision: text.slice(0, end) };
  }
}
