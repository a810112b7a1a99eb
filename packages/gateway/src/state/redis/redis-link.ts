import type { Redis } from 'ioredis';
import type { Logger } from '../../logger.ts';
import { StateError } from '../state-error.ts';
import type { RedisScript } from './redis-scripts.ts';

/** How long an operation may take, and how long one waits for a connection that has just been lost, in milliseconds. */
export const OPERATION_MS = 2_000;

const SAID_AGAIN_MS = 60_000;

const NO_ANSWER = `no answer within ${OPERATION_MS} ms`;

/** What operators are told of a server that takes no writes; behind its address there may be another one soon. */
export const IS_REPLICA = 'READONLY: it is a replica, which takes no writes of its own';

/** The connection is lost. */
interface Outage {
  /** Since when, as `performance.now()` has it. */
  readonly since: number;
  /** Resolves when it is back; rejects when that takes too long to let operations wait for it. */
  readonly over: Promise<void>;
  readonly end: () => void;
}

/**
 * The connection to one Redis. Operations that are asked for just after it was lost wait a moment for the next one; later they are refused at once until it is
 * back, which needs nobody's help. Nothing is ever sent twice. A server that does not answer is left, so that it does not carry out what it was asked long ago.
 */
export class RedisLink {
  readonly #client: Redis;
  readonly #logger: Logger;
  readonly #onBack: (since: number) => void;
  readonly #meet: Meeting;
  #outage: Outage | undefined;
  #reason = NO_ANSWER;
  #connections = 0;
  #thereSince: number | undefined;
  #meetings = 0;
  #closed = false;
  #saidReadOnlyAt = Number.NEGATIVE_INFINITY;

  /**
   * @param onBack - Called when a connection is there again, with when the one before was lost, as `performance.now()` has it.
   * @param meet - Asks over each connection but the first before anybody else does; where it fails the connection is given up.
   */
  constructor(
    client: Redis,
    logger: Logger,
    onBack: (since: number) => void = () => undefined,
    meet: Meeting = () => Promise.resolve(),
  ) {
    this.#client = client;
    this.#logger = logger;
    this.#onBack = onBack;
    this.#meet = meet;
    this.#outage = this.#begin();
    client.on('error', (error: Error) => {
      const reason = reasonOf(error);
      // A server that wants a certificate says so once, or just ends the connection.
      if (!(this.#reason.startsWith('ERR_SSL') && /^(?:ECONNRESET|EPIPE)$/.test(reason))) this.#reason = reason;
    });
    client.on('close', () => this.#lost());
    client.on('ready', () => void this.#met());
  }

  /** Resolves with the first connection. @throws GATEWAY_STATE where there is none in time. */
  async opened(): Promise<void> {
    this.#client.connect().catch(() => undefined); // told to the listener of "error"
    await this.#outage?.over;
  }

  /**
   * Runs a script, which the server keeps from the first time on.
   *
   * @throws GATEWAY_STATE
   */
  run(script: RedisScript, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    return this.ask((client) => runScript(client, script, keys, values));
  }

  /**
   * Meets the server over the first connection.
   *
   * @throws GATEWAY_STATE
   */
  meet(): Promise<void> {
    return this.ask((client) => this.#meet(client, this.#whileThis()));
  }

  /**
   * Asks the server for something.
   *
   * @throws GATEWAY_STATE
   */
  async ask<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    for (;;) {
      this.mustBeOpen();
      if (this.#outage) await this.#outage.over;
      this.mustBeOpen();
      const connection = this.#connections;
      try {
        return await command(this.#client);
      } catch (error) {
        this.mustBeOpen();
        if (!wasNotSent(error as Error)) throw this.#failure(error as Error, connection);
        this.#lost();
      }
    }
  }

  /** Since when the connection is there, as `performance.now()` has it; undefined while it is not. */
  get thereSince(): number | undefined {
    return this.#outage ? undefined : this.#thereSince;
  }

  /** Why it was lost, or is not there. */
  get reason(): string {
    return this.#reason;
  }

  /** What was asked has taken too long altogether. */
  late(): StateError {
    return new StateError({ kind: 'unreachable', reason: this.#outage ? this.#reason : NO_ANSWER });
  }

  mustBeOpen(): void {
    if (this.#closed) throw new StateError({ kind: 'closed' });
  }

  close(): void {
    this.#closed = true;
    this.#outage?.end();
    this.#client.disconnect();
  }

  #failure(error: Error, connection: number): StateError {
    if (error instanceof StateError) return error;
    if (error.message.startsWith('OOM ')) return new StateError({ kind: 'full' });
    if (error.message.startsWith('NOPERM') || error.message.includes(IN_SCRIPT))
      return new StateError({ kind: 'forbidden', lacks: lackingIn(error.message) });
    if (error.message.startsWith('READONLY')) {
      this.#readOnly();
      return new StateError({ kind: 'unreachable', reason: IS_REPLICA });
    }
    if (error.message !== 'Command timed out') {
      return new StateError({
        kind: 'unreachable',
        reason: this.#client.status === 'ready' ? reasonOf(error) : this.#reason,
        mayBeDone: error.name !== 'ReplyError',
      });
    }
    this.#reason = NO_ANSWER;
    if (connection === this.#connections && this.#client.status === 'ready') this.#client.disconnect(true);
    return new StateError({ kind: 'unreachable', reason: this.#reason, mayBeDone: true });
  }

  /** Said once a minute: each write that it refuses reaches it anew. */
  #readOnly(): void {
    this.#reason = IS_REPLICA;
    const now = performance.now();
    if (now - this.#saidReadOnlyAt < SAID_AGAIN_MS) return;
    this.#saidReadOnlyAt = now;
    this.#logger.error(
      { reason: IS_REPLICA },
      'the state store takes no writes: have "gateway.state.redis.url" name the primary, or an address that follows it',
    );
  }

  #lost(): void {
    if (this.#outage || this.#closed) return;
    this.#connections += 1;
    this.#outage = this.#begin();
    this.#logger.warn({ reason: this.#reason }, 'the connection to the state store was lost');
  }

  async #met(): Promise<void> {
    const isThis = this.#whileThis();
    try {
      if (this.#connections > 0) await this.#meet(this.#client, isThis);
      if (isThis()) this.#back();
    } catch (error) {
      if (!isThis()) return;
      if ((error as Error).message.startsWith('READONLY')) this.#readOnly();
      else this.#reason = reasonOf(error as Error);
      this.#client.disconnect(true);
    }
  }

  /** Whether the connection of now is still the one. */
  #whileThis(): () => boolean {
    this.#meetings += 1;
    const meeting = this.#meetings;
    return () => meeting === this.#meetings && this.#client.status === 'ready' && !this.#closed;
  }

  #back(): void {
    const { since = 0 } = this.#outage ?? {};
    this.#outage?.end();
    this.#outage = undefined;
    this.#thereSince = performance.now();
    this.#reason = 'the connection was lost';
    if (this.#connections === 0) return;
    this.#logger.info({}, 'the state store is back');
    this.#onBack(since);
  }

  #begin(): Outage {
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new StateError({ kind: 'unreachable', reason: this.#reason })), OPERATION_MS);
    timer.unref();
    over.catch(() => undefined); // there may be nobody who waits
    return {
      since: performance.now(),
      over,
      end: () => {
        clearTimeout(timer);
        resolve();
      },
    };
  }
}

/** Asks over a connection, as long as that is still the one. */
export type Meeting = (client: Redis, isThis: () => boolean) => Promise<void>;

export async function runScript(
  client: Redis,
  { sha, text }: RedisScript,
  keys: readonly string[],
  values: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...values);
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
    return client.eval(text, keys.length, ...keys, ...values);
  }
}

/** The connection is lost, and its client learns of that in a moment: this may be asked again. */
function wasNotSent({ message }: Error): boolean {
  return message.startsWith("Stream isn't writeable");
}

/** How Redis before 7.2 says of what a script asks that it is not allowed, without which it is. */
const IN_SCRIPT = 'The user executing the script can';

/** Access lists change while a gateway runs. */
function lackingIn(message: string): string {
  const command = /'([\w|-]+)' command/.exec(message)?.[1];
  if (command !== undefined) return `+${command}`;
  if (message.includes(IN_SCRIPT) && !message.includes('keys')) return 'a command of those in docs/scaling.md';
  return message.includes('channel') ? 'the channels of its prefix' : 'the keys of its prefix';
}

/** Without addresses, which clients are not to learn, and without what was sent. */
function reasonOf(error: Error & { readonly code?: unknown }): string {
  if (error instanceof StateError && error.problem.kind === 'unreachable') return error.problem.reason;
  if (error.message.startsWith('Unknown RESP type')) return 'what answers there is no Redis';
  return typeof error.code === 'string'
    ? error.code
    : (/^[A-Z]{3,}/.exec(error.message)?.[0] ?? error.message.slice(0, 100));
}
