import type {
  CreateStateStoreOptions,
  StateListener,
  StateStoreSubject,
  StateWrite,
  StoredRecord,
} from '../../src/index.ts';

/** Faults of a state store. */
export type StateFault =
  | 'put loses a null'
  | 'object shared with its giver'
  | 'object shared with its readers'
  | 'keys normalised'
  | 'large value cut'
  | 'compare-and-set makes what is absent'
  | 'compare-and-set deletes at any revision'
  | 'refused compare-and-set tells nothing'
  | 'revision counted again after a delete'
  | 'wrong time to live accepted'
  | 'wrong new time to live accepted'
  | 'value that is no JSON accepted'
  | 'message that is no JSON accepted'
  | 'delete always done'
  | 'compare-and-set in two steps'
  | 'compare-and-set in two steps, between two stores'
  | 'close takes the records along'
  | 'nothing ever expires'
  | 'expired records still read'
  | 'expired records in the way of new ones'
  | 'unseen expired record deleted as if it were there'
  | 'unseen expired record compared as if it were there'
  | 'expire only makes longer'
  | 'time to live in whole seconds'
  | 'put ignores the time to live'
  | 'expire ignored'
  | 'expire is a new revision'
  | 'put keeps the time to live'
  | 'always heard'
  | 'heard by its own listeners only'
  | 'heard by who has left'
  | 'heard by who has closed'
  | 'one that rejects is not heard'
  | 'messages overtake each other'
  | 'message shared'
  | 'delivery after the end of a subscription'
  | 'one that throws ends the delivery'
  | 'failure looks like an absent record'
  | 'failure hangs'
  | 'failure without a code'
  | 'subscriptions lost in a failure'
  | 'no gap after a failure'
  | 'records lost in a failure without a word'
  | 'revisions counted again after a failure'
  | 'closed store serves on'
  | 'closing store serves on'
  | 'delivery after the close'
  | 'close only once';

interface Entry {
  readonly value: unknown;
  readonly revision: string;
  readonly expiresAt: number;
}

interface Subscription {
  readonly channel: string;
  readonly listener: StateListener;
  readonly store: ReferenceStateStore;
  open: boolean;
}

interface Swap {
  readonly swapped: boolean;
  readonly current: StoredRecord | undefined;
}

/** What several stores share: a database of one process. */
class Shared {
  entries = new Map<string, Entry>();
  subscriptions: Subscription[] = [];
  revisions = 0;
  /** Ends the failure; absent while there is none. */
  failing: PromiseWithResolvers<void> | undefined;
}

/** What the state store suite must accept. */
export function openReferenceState(options: CreateStateStoreOptions, fault?: StateFault): StateStoreSubject {
  return new ReferenceStateStore(options, new Shared(), fault);
}

class ReferenceStateStore implements StateStoreSubject {
  readonly #options: CreateStateStoreOptions;
  readonly #shared: Shared;
  readonly #fault: StateFault | undefined;
  /** A lock of one store alone, for a fault. */
  #turn: Promise<unknown> = Promise.resolve();
  #published = 0;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(options: CreateStateStoreOptions, shared: Shared, fault: StateFault | undefined) {
    this.#options = options;
    this.#shared = shared;
    this.#fault = fault;
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    if (this.#shared.failing && this.#fault === 'failure looks like an absent record') return undefined;
    await this.#serving();
    const entry = this.#fault === 'expired records still read' ? this.#shared.entries.get(key) : this.#find(key);
    return this.#told(entry);
  }

  async put(key: string, { value, ttlMs }: StateWrite): Promise<void> {
    await this.#serving();
    this.#mustBeWritable({ value, ttlMs });
    const lost = this.#fault === 'put loses a null' && value === null;
    const ttl = this.#fault === 'put ignores the time to live' ? undefined : ttlMs;
    const kept = this.#fault === 'put keeps the time to live' ? this.#find(key)?.expiresAt : undefined;
    this.#write(key, { value: lost ? undefined : value, ttlMs: ttl }, kept);
  }

  async compareAndSet(key: string, expected: string | undefined, write: StateWrite | undefined): Promise<Swap> {
    await this.#serving();
    if (write) this.#mustBeWritable(write);
    if (!this.#is('compare-and-set in two steps, between two stores')) return this.#swap(key, expected, write);
    const swap = this.#turn.then(() => this.#swap(key, expected, write));
    this.#turn = swap;
    return swap;
  }

  async #swap(key: string, expected: string | undefined, write: StateWrite | undefined): Promise<Swap> {
    const seesExpired =
      this.#is('expired records in the way of new ones') ||
      this.#is('unseen expired record compared as if it were there');
    const found = seesExpired ? this.#shared.entries.get(key) : this.#find(key);
    const makes = this.#is('compare-and-set makes what is absent') && !found && write;
    const deletes = this.#is('compare-and-set deletes at any revision') && found && !write;
    if (found?.revision !== expected && !makes && !deletes) {
      return {
        swapped: false,
        current: this.#is('refused compare-and-set tells nothing') ? undefined : this.#told(found),
      };
    }
    if (this.#fault?.startsWith('compare-and-set in two steps')) await undefined;
    if (write) return { swapped: true, current: this.#told(this.#write(key, write)) };
    this.#shared.entries.delete(this.#keyOf(key));
    return { swapped: true, current: undefined };
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    await this.#serving();
    if (!this.#is('wrong new time to live accepted')) mustBeTtl(ttlMs);
    const entry = this.#find(key);
    if (!entry) return false;
    if (this.#is('expire ignored') && Number.isFinite(entry.expiresAt)) return true;
    const revision = this.#is('expire is a new revision') ? this.#newRevision() : entry.revision;
    const least = this.#is('expire only makes longer') && Number.isFinite(entry.expiresAt) ? entry.expiresAt : 0;
    const expiresAt = Math.max(least, this.#options.now() + ttlMs);
    this.#shared.entries.set(this.#keyOf(key), { ...entry, revision, expiresAt });
    return true;
  }

  async delete(key: string): Promise<boolean> {
    await this.#serving();
    const seesExpired = this.#is('unseen expired record deleted as if it were there');
    const found = (seesExpired ? this.#shared.entries.get(this.#keyOf(key)) : this.#find(key)) !== undefined;
    const isFirst = this.#is('delete always done') && !this.#shared.entries.has(key);
    this.#shared.entries.delete(this.#keyOf(key));
    if (this.#is('revision counted again after a delete')) this.#shared.revisions = 0;
    return found || isFirst;
  }

  async publish(channel: string, message: unknown): Promise<boolean> {
    await this.#serving();
    if (!this.#is('message that is no JSON accepted')) mustBeJson(message);
    const turns = this.#is('messages overtake each other') && ++this.#published % 3 === 0 ? 40 : 0;
    void this.#deliver(channel, JSON.stringify(message) ?? 'null', turns);
    const isOwn = this.#is('heard by its own listeners only');
    const isHeard = ({ channel: its, store }: Subscription): boolean =>
      its === channel && (!isOwn || store === this) && (store.#state === 'open' || this.#is('heard by who has closed'));
    return this.#is('always heard') || this.#shared.subscriptions.some(isHeard);
  }

  async #deliver(channel: string, json: string, turns: number): Promise<void> {
    const listening = this.#shared.subscriptions.filter((subscription) => subscription.channel === channel);
    const shared: unknown = JSON.parse(json);
    for (let turn = 0; turn <= turns; turn += 1) await undefined;
    for (const subscription of listening) {
      const { listener, store } = subscription;
      const closed = store.#state !== 'open' && !this.#is('delivery after the close');
      if (!subscription.open || closed) continue;
      try {
        const given: unknown = listener.message(this.#is('message shared') ? shared : JSON.parse(json));
        if (!this.#is('one that rejects is not heard')) Promise.resolve(given).catch(() => undefined);
      } catch {
        if (this.#is('one that throws ends the delivery')) return;
      }
    }
  }

  async subscribe(channel: string, listener: Subscription['listener']): Promise<() => Promise<void>> {
    await this.#serving();
    const subscription: Subscription = { channel, listener, store: this, open: true };
    this.#shared.subscriptions.push(subscription);
    return async () => {
      if (this.#is('delivery after the end of a subscription')) await new Promise(setImmediate);
      subscription.open = false;
      if (this.#is('heard by who has left')) return;
      this.#shared.subscriptions = this.#shared.subscriptions.filter((each) => each !== subscription);
    };
  }

  async another(): Promise<StateStoreSubject> {
    return new ReferenceStateStore(this.#options, this.#shared, this.#fault);
  }

  async fail(): Promise<void> {
    this.#shared.failing = Promise.withResolvers();
    if (!this.#is('subscriptions lost in a failure')) return;
    this.#shared.subscriptions = this.#shared.subscriptions.map((each) => ({ ...each, channel: 'none' }));
  }

  async recover(): Promise<void> {
    this.#shared.failing?.resolve();
    this.#shared.failing = undefined;
    if (this.#is('records lost in a failure without a word')) this.#shared.entries.clear();
    if (this.#is('revisions counted again after a failure')) this.#shared.revisions = 0;
    if (!this.#is('no gap after a failure')) for (const { listener } of this.#shared.subscriptions) listener.gap?.();
  }

  async close(): Promise<void> {
    if (this.#is('close only once') && this.#state !== 'open') throw new Error('closed before');
    this.#state = 'closing';
    if (this.#is('close takes the records along')) this.#shared.entries.clear();
    await undefined;
    this.#state = 'closed';
  }

  #mustBeWritable({ value, ttlMs }: StateWrite): void {
    if (ttlMs !== undefined && !this.#is('wrong time to live accepted')) mustBeTtl(ttlMs);
    if (!this.#is('value that is no JSON accepted')) mustBeJson(value);
  }

  #is(fault: StateFault): boolean {
    return this.#fault === fault;
  }

  #serving(): Promise<void> | undefined {
    const closed = this.#is('closed store serves on') ? 'closing' : 'closed';
    const isClosing = this.#state === 'closing' && !this.#is('closing store serves on');
    if (isClosing || this.#state === closed) throw Object.assign(new Error('closed'), { code: 'GATEWAY_STATE' });
    if (!this.#shared.failing) return undefined;
    if (this.#is('failure hangs')) return this.#shared.failing.promise;
    const code = this.#is('failure without a code') ? {} : { code: 'GATEWAY_STATE' };
    throw Object.assign(new Error('not reachable'), code);
  }

  #find(key: string): Entry | undefined {
    const entry = this.#shared.entries.get(this.#keyOf(key));
    if (!entry || this.#is('nothing ever expires')) return entry;
    if (entry.expiresAt > this.#options.now()) return entry;
    // What many stores do: clear away what they come across.
    if (this.#fault?.startsWith('unseen expired record')) this.#shared.entries.delete(this.#keyOf(key));
    return undefined;
  }

  #write(key: string, { value, ttlMs }: StateWrite, expiresAt?: number): Entry {
    const ttl =
      ttlMs !== undefined && this.#is('time to live in whole seconds') ? Math.ceil(ttlMs / 1_000) * 1_000 : ttlMs;
    const large = typeof value === 'string' && this.#is('large value cut') ? value.slice(0, 1_000_000) : value;
    const entry: Entry = {
      value: this.#is('object shared with its giver') ? value : copyOf(large),
      revision: this.#newRevision(),
      expiresAt: expiresAt ?? (ttl === undefined ? Number.POSITIVE_INFINITY : this.#options.now() + ttl),
    };
    this.#shared.entries.set(this.#keyOf(key), entry);
    return entry;
  }

  #told(entry: Entry | undefined): StoredRecord | undefined {
    if (!entry) return undefined;
    const { value, revision } = entry;
    return { value: this.#is('object shared with its readers') ? value : copyOf(value), revision };
  }

  #newRevision(): string {
    return String(++this.#shared.revisions);
  }

  #keyOf(key: string): string {
    return this.#is('keys normalised') ? key.normalize() : key;
  }
}

function copyOf(value: unknown): unknown {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? undefined : JSON.parse(json);
}

function mustBeJson(value: unknown): void {
  if (JSON.stringify(value) === undefined) throw new TypeError('no JSON');
}

function mustBeTtl(ttlMs: number): void {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) throw new TypeError('no time to live');
}
