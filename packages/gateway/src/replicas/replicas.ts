import { randomBytes } from 'node:crypto';
import type { Logger } from '../logger.ts';
import { Records } from '../state/records.ts';
import { type ReplicaRecord, replicaRecords } from '../state/replica-record.ts';
import type { StateStore } from '../state/state-store.ts';
import { VERSION } from '../version.ts';
import { KeptMessages } from './kept-messages.ts';
import type { ReplicaMessage, ReplicaMessageOf } from './replica-message.ts';
import { SureMessages } from './sure-messages.ts';

/** How often a gateway says that it lives, and looks after those it waits for, in milliseconds. */
const BEAT_MS = 2_000;

/** How long one that was seen alive is taken to be so, in milliseconds: less than a beat, so that each beat asks. */
const SEEN_MS = BEAT_MS / 2;

/** One that has said nothing for so long is taken for dead, in milliseconds. */
const DEAD_AFTER_MS = 8_000;

/** How long a gateway may hear nothing before it looks whether others do, in milliseconds. */
const CUT_OFF_MS = 4_000;

/** Beats in a row that the store may miss. */
const MAX_MISSED = 3;

/** Messages to all that are kept in case somebody missed them, and characters of them. */
const MAX_TO_ALL = 1_000;
const MAX_TO_ALL_LENGTH = 4_194_304;

/** Where all that share a store are told something. */
export const ALL_CHANNEL = 'replicas';

/** Where one of them is, by its name. */
export function channelOf(name: string): string {
  return `replica:${name}`;
}

const NAME = '[0-9a-f]{12}';

/** The name at the beginning of an id that a gateway has given; undefined where there is none. */
export function replicaIn(id: string, before: string): string | undefined {
  return new RegExp(`^${before}(${NAME})[-.]`).exec(id)?.[1];
}

export interface ReplicasOptions {
  readonly store: StateStore;
  readonly logger: Logger;
}

type Listener = (message: never) => unknown;

/**
 * The gateways that share a store: each has a name and a record that says that it lives, and hears what others tell it. What is told may be lost where the
 * store is; whoever waits for an answer looks after it with each beat.
 */
export class Replicas {
  /** This gateway's own; undefined where it shares nothing. Ids that clients are given begin with it. */
  readonly name: string | undefined;
  readonly #store: StateStore;
  readonly #records: Records<ReplicaRecord>;
  readonly #logger: Logger;
  readonly #listeners = new Map<ReplicaMessage['kind'], Listener>();
  readonly #beats: (() => unknown)[] = [];
  readonly #gaps: (() => unknown)[] = [];
  readonly #renewals: (() => unknown)[] = [];
  readonly #otherRenewals: ((name: string) => unknown)[] = [];
  readonly #sure: SureMessages;
  /** Nobody knows who has to hear these; they do no harm when they are heard twice. */
  readonly #toAll: KeptMessages;
  /** When each was last seen alive, as `performance.now()` has it. */
  readonly #seenAt = new Map<string, number>();
  #joining: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #missed = 0;
  #othersHear = false;
  #isClosed = false;

  constructor({ store, logger }: ReplicasOptions) {
    this.name = store.isShared ? randomBytes(6).toString('hex') : undefined;
    this.#store = store;
    this.#records = new Records(store, replicaRecords);
    this.#logger = logger;
    this.#sure = new SureMessages(this.name ?? '', (to, message) => this.tell(to, message));
    this.#toAll = new KeptMessages({
      tell: async (to, message) => {
        await store.publish(to === undefined ? ALL_CHANNEL : channelOf(to), message);
        return true;
      },
      maxWeight: MAX_TO_ALL_LENGTH,
      maxMessages: MAX_TO_ALL,
    });
  }

  /**
   * From here on others find this gateway. Whoever gives out an id with its name waits for it.
   *
   * @throws GATEWAY_STATE
   */
  join(): Promise<void> {
    const { name } = this;
    if (name === undefined) return Promise.resolve();
    this.#joining ??= this.#join(name).catch((error: unknown) => {
      this.#joining = undefined;
      throw error;
    });
    return this.#joining;
  }

  /** Hears one kind of message; each kind has one who hears it. */
  on<K extends ReplicaMessage['kind']>(kind: K, listener: (message: ReplicaMessageOf<K>) => unknown): void {
    this.#listeners.set(kind, listener as Listener);
  }

  /** Called with each beat. */
  onBeat(listener: () => unknown): void {
    this.#beats.push(listener);
  }

  /** Called where this gateway hears others again, and may have missed what they said meanwhile; they have not missed it. */
  onRenewed(listener: () => unknown): void {
    this.#renewals.push(listener);
  }

  /** Called where another gateway hears again, and may have missed what it was told. */
  onOtherRenewed(listener: (name: string) => unknown): void {
    this.#otherRenewals.push(listener);
  }

  /** Called where others may have taken this gateway for dead, or the store was away for so long that they may be. */
  onGap(listener: () => unknown): void {
    this.#gaps.push(listener);
  }

  /** How long it is known that nothing of the others is heard here, though the store is there, in milliseconds; 0 where all is. */
  get deafForMs(): number {
    const since = this.#store.deafSince;
    return since === undefined ? 0 : Math.max(1, performance.now() - since);
  }

  /** Whether it has heard nothing for some seconds where another one does: clients are better served there. Where none does, all serve as well as this one. */
  get isCutOff(): boolean {
    return this.#othersHear && this.deafForMs > CUT_OFF_MS;
  }

  /**
   * Whether a gateway lives, as its record says; what was seen a moment ago is not asked again.
   *
   * @throws GATEWAY_STATE
   */
  async isAlive(name: string): Promise<boolean> {
    const seen = this.#seenAt.get(name);
    if (seen !== undefined && performance.now() - seen < SEEN_MS) return true;
    const isThere = await this.#records.has([name]);
    if (isThere) this.#seenAt.set(name, performance.now());
    else this.#seenAt.delete(name);
    return isThere;
  }

  /**
   * False where it does not listen, and so is never told.
   *
   * @throws GATEWAY_STATE
   */
  tell(name: string, message: ReplicaMessage): Promise<boolean> {
    return this.#store.publish(channelOf(name), message);
  }

  /** Tells it something that nobody asks about later, and never fails: what it does not hear for a moment it is told again. */
  tellSurely(name: string, message: ReplicaMessageOf<'sure'>['message']): void {
    this.#sure.tell(name, message);
  }

  /** Tells all others, and never fails: what they miss they read in records. */
  tellAll(message: ReplicaMessage): void {
    if (this.name === undefined || this.#isClosed) return;
    this.#store.publish(ALL_CHANNEL, message).catch((err: unknown) => this.#failed(err));
  }

  /** Tells all others something that no record says, and never fails: those who do not hear for a moment are told again. */
  tellAllSurely(message: ReplicaMessageOf<'cancelled' | 'changed'>): void {
    if (this.name === undefined || this.#isClosed) return;
    this.#toAll.tell(message, message.kind === 'cancelled' ? message.params.length : 0);
  }

  /** Others know at once that it has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    const { name } = this;
    const hasJoined = this.#joining !== undefined;
    if (name === undefined || !hasJoined) return;
    const gone = { kind: 'gone', from: name } satisfies ReplicaMessage;
    await Promise.allSettled([this.#records.delete([name]), this.#store.publish(ALL_CHANNEL, gone)]);
  }

  async #join(name: string): Promise<void> {
    const listener = {
      message: (message: unknown) => this.#heard(message as ReplicaMessage),
      gap: () => {
        // It is told so again while nothing can be heard.
        if (this.deafForMs > 0) return;
        for (const renewed of this.#renewals) renewed();
        this.tellAll({ kind: 'hears', from: name });
        // Others may have said that they hear again while this one did not.
        this.#sure.tellAgain();
        this.#toAll.tellAgain();
      },
    };
    const unsubscribe = await Promise.all([
      this.#store.subscribe(channelOf(name), listener),
      this.#store.subscribe(ALL_CHANNEL, { message: listener.message }),
    ]);
    try {
      await this.#records.put([name], { version: VERSION }, DEAD_AFTER_MS);
    } catch (error) {
      await Promise.all(unsubscribe.map((end) => end()));
      throw error;
    }
    if (this.#isClosed) return;
    this.#timer ??= setInterval(() => void this.#beat(name), BEAT_MS);
    this.#timer.unref();
  }

  #heard(message: ReplicaMessage): unknown {
    if (message.kind === 'gone') this.#seenAt.delete(message.from);
    if (message.kind === 'hears') this.#hearsAgain(message.from);
    if (message.kind === 'deaf') void this.#hearsDeaf(message.from);
    if (message.kind === 'sure') return this.#sure.isNew(message) ? this.#heard(message.message) : undefined;
    // A gateway of a later version may have more to say.
    return this.#listeners.get(message.kind)?.(message as never);
  }

  /** That one cannot be told; it looks in the record. */
  async #hearsDeaf(name: string): Promise<void> {
    if (name === this.name || this.#isClosed) return;
    await this.#records
      .put([name, 'heard'], { version: VERSION }, DEAD_AFTER_MS)
      .catch((err: unknown) => this.#failed(err));
  }

  async #lookWhetherOthersHear(from: string): Promise<void> {
    if (this.deafForMs <= CUT_OFF_MS) {
      this.#othersHear = false;
      return;
    }
    this.#othersHear = await this.#records.has([from, 'heard']);
    await this.#store.publish(ALL_CHANNEL, { kind: 'deaf', from } satisfies ReplicaMessage);
  }

  #hearsAgain(name: string): void {
    if (name === this.name) return;
    this.#sure.tellAgain(name);
    this.#toAll.tellAgain(name);
    for (const renewed of this.#otherRenewals) renewed(name);
  }

  async #beat(name: string): Promise<void> {
    try {
      if (!(await this.#records.expire([name], DEAD_AFTER_MS)) && !this.#isClosed) {
        await this.#records.put([name], { version: VERSION }, DEAD_AFTER_MS);
        this.#gap();
      }
      for (const [other, at] of this.#seenAt) if (performance.now() - at > SEEN_MS) this.#seenAt.delete(other);
      this.#missed = 0;
      this.#sure.beat();
      this.#toAll.beat();
      for (const beat of this.#beats) beat();
      await this.#lookWhetherOthersHear(name);
    } catch (err) {
      // What waits for others waits in vain by now.
      if (++this.#missed === MAX_MISSED) this.#gap();
      this.#failed(err);
    }
  }

  #gap(): void {
    for (const gap of this.#gaps) gap();
  }

  #failed(err: unknown): void {
    if (!this.#isClosed) this.#logger.debug({ err }, 'other gateways could not be told or asked something');
  }
}
