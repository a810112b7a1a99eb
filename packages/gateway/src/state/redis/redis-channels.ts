import type { Redis } from 'ioredis';
import { type Logger, silentLogger } from '../../logger.ts';
import { Channels } from '../channels.ts';
import type { ChannelListener, Unsubscribe } from '../state-store.ts';
import { RedisLink } from './redis-link.ts';

/** The channels that somebody here listens to, over a connection of their own, which is there from the first of them on. */
export class RedisChannels {
  readonly #local: Channels;
  readonly #logger: Logger;
  readonly #prefix: string;
  readonly #connect: () => Redis;
  /** How many listen to each; the server is told of the first and of the last. */
  readonly #listening = new Map<string, Set<ChannelListener>>();
  #client: Redis | undefined;
  #link: RedisLink | undefined;
  /** When the connection was made, as `performance.now()` has it; 0 before the first. */
  #connectedAt = 0;
  #heardAt = 0;
  /** Since when nothing can come, as `performance.now()` has it, where that was so before. */
  #deafSince: number | undefined;
  #reason = '';
  /** What has come over a new connection before the listeners were told of the gap. */
  #early: (readonly [channel: string, json: string])[] | undefined;
  #closed = false;

  constructor(connect: () => Redis, prefix: string, logger: Logger) {
    this.#connect = connect;
    this.#prefix = prefix;
    this.#logger = logger;
    this.#local = new Channels(logger);
  }

  async add(channel: string, listener: ChannelListener): Promise<Unsubscribe> {
    const link = this.#open();
    const end = this.#local.add(channel, listener);
    const one: ChannelListener = { message: () => undefined, gap: () => listener.gap?.() };
    const all = this.#listening.get(channel) ?? new Set();
    this.#listening.set(channel, all.add(one));
    const remove = (): void => {
      end();
      all.delete(one);
      if (all.size > 0 || this.#listening.get(channel) !== all) return;
      this.#listening.delete(channel);
      // Where that fails the connection is gone, and the next one begins without it.
      if (!this.#closed) link.ask((client) => client.unsubscribe(this.#prefix + channel)).catch(() => undefined);
    };
    try {
      await link.ask((client) => client.subscribe(this.#prefix + channel));
    } catch (error) {
      remove();
      throw error;
    }
    return async () => remove();
  }

  /** Whether somebody here listens, over a connection that is there. */
  hears(channel: string): boolean {
    return this.#local.has(channel) && this.#client?.status === 'ready' && this.#deafSince === undefined;
  }

  /**
   * Asks over the connection that listens.
   *
   * @throws GATEWAY_STATE
   */
  ask<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    return this.#open().ask(command);
  }

  /** When something came last, be it a part of a message, as `performance.now()` has it; 0 before anything did. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Since when nothing is heard, and known to be, as `performance.now()` has it; undefined while all is. */
  get deafSince(): number | undefined {
    return this.#deafSince;
  }

  /** Why it is so. */
  get whyDeaf(): string {
    return this.#reason === '' ? (this.#link?.reason ?? '') : this.#reason;
  }

  /** All who listen are told that they may have missed something. */
  tellOfGap(): void {
    for (const listener of [...this.#listening.values()].flatMap((all) => [...all])) {
      try {
        listener.gap?.();
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener of the state store failed');
      }
    }
  }

  /** Whether a connection from before that moment still hears the server cannot be told: another one takes its place. False where that is there already, or on its way. */
  renew(since: number): boolean {
    if (this.#client?.status !== 'ready' || this.#connectedAt >= since) return false;
    this.#client.disconnect(true);
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#local.clear();
    this.#listening.clear();
    this.#link?.close();
  }

  #open(): RedisLink {
    if (this.#link) return this.#link;
    const client = this.#connect();
    this.#client = client;
    client.on('message', (name: string, json: string) => {
      const channel = name.slice(this.#prefix.length);
      if (this.#early) this.#early.push([channel, json]);
      else this.#local.deliver(channel, json);
    });
    // Bytes, not messages: over a slow line one of them may take long.
    client.on('connect', () => {
      client.stream.on('data', () => {
        this.#heardAt = performance.now();
      });
    });
    client.on('close', () => {
      if (this.#connectedAt > 0) this.#deafSince ??= performance.now();
    });
    client.on('ready', () => void this.#listenAgain(client));
    this.#link = new RedisLink(client, silentLogger);
    // Where it takes too long, those who ask meanwhile are told; it may still come.
    this.#link.opened().catch(() => undefined);
    return this.#link;
  }

  /** A new connection knows nothing of the one before, and what was published in between is lost. */
  async #listenAgain(client: Redis): Promise<void> {
    const isFirst = this.#connectedAt === 0;
    this.#connectedAt = performance.now();
    if (isFirst) return;
    this.#early = [];
    const channels = [...this.#listening.keys()];
    try {
      if (channels.length > 0) await client.subscribe(...channels.map((channel) => this.#prefix + channel));
    } catch (error) {
      // That connection is lost as well, or is given up where the server has not answered; the next one comes here again.
      this.#early = undefined;
      this.#reason = /^[A-Z]{3,}/.exec((error as Error).message)?.[0] ?? '';
      if ((error as Error).message === 'Command timed out') client.disconnect(true);
      return;
    }
    this.#deafSince = undefined;
    this.#reason = '';
    this.tellOfGap();
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const [channel, json] of early) this.#local.deliver(channel, json);
  }
}
