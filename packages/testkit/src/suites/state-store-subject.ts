import { lacks, type SuiteWriter, type Supports } from '../test-api.ts';
import { inTime } from '../tools/in-time.ts';

/** A record as it was found. */
export interface StoredRecord {
  readonly value: unknown;
  readonly revision: string;
}

/** What a write leaves behind: a JSON value, and after how many milliseconds it is gone. */
export interface StateWrite {
  readonly value: unknown;
  readonly ttlMs?: number | undefined;
}

/** Hears a channel. What it throws, or rejects with, is the store's to catch. */
export interface StateListener {
  message(message: unknown): void;
  /** Called where messages may have been lost. */
  gap?(): void;
}

/** What the state store suite needs: records with revisions, and channels. Stores of `@lockgate/gateway` fit. */
export interface StateStoreSubject {
  get(key: string): Promise<StoredRecord | undefined>;
  put(key: string, write: StateWrite): Promise<void>;
  /** `expected` is undefined for a record that must be absent, `write` for one that is to be deleted. */
  compareAndSet(
    key: string,
    expected: string | undefined,
    write: StateWrite | undefined,
  ): Promise<{ readonly swapped: boolean; readonly current: StoredRecord | undefined }>;
  expire(key: string, ttlMs: number): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  /** False where nobody listened. */
  publish(channel: string, message: unknown): Promise<boolean>;
  /** Resolves to what ends the subscription. */
  subscribe(channel: string, listener: StateListener): Promise<() => Promise<void>>;
  /** One more each time the store was found to have lost its records. @default it never loses them */
  readonly lives?: number;
  close(): Promise<void>;
  /** Another store over the same records and channels, as another process would have it. */
  another?(): Promise<StateStoreSubject>;
  /** Takes away what the store needs, such as its server, until `recover`. */
  fail?(): Promise<void>;
  recover?(): Promise<void>;
  /** Lets time pass, in milliseconds, where the clock is not the one that was handed in: a server's own. */
  pass?(milliseconds: number): Promise<void>;
}

/** How the suite wants its subject. */
export interface CreateStateStoreOptions {
  /** Milliseconds that the suite lets pass, for a subject that takes its clock as an argument (`supports.clock`). */
  readonly now: () => number;
}

/** What the state store suite may want of a subject. Everything counts as supported unless it is declared `false`. */
export type StateStoreAbility =
  /** Time can be given, or let pass by `pass()`. Without it no expiry is tested: a suite does not wait by the clock. */
  | 'clock'
  /** `another()`. */
  | 'another'
  /** `fail()` and `recover()`. */
  | 'failure'
  /** Whoever listens is told by `gap()` of a failure that may have cost messages. */
  | 'gap';

/** A subject's factory and what it can do. */
export interface StateStoreSuiteOptions {
  /** A store without records. */
  create(options: CreateStateStoreOptions): Promise<StateStoreSubject>;
  readonly supports?: Supports<StateStoreAbility>;
  /** Workers that change one record at once. @default 16 */
  readonly workers?: number;
  /** Changes of each worker. @default 10 */
  readonly loops?: number;
}

/** A subject in one test, closed at its end. */
export interface OpenStore extends AsyncDisposable {
  readonly store: StateStoreSubject;
  /** Another store over the same records, or the same one where the subject has no other. */
  another(): Promise<StateStoreSubject>;
  /** Lets time pass. */
  pass(milliseconds: number): Promise<void>;
}

/** What each part of the suite gets. */
export interface StateStorePart {
  readonly suite: SuiteWriter<StateStoreAbility>;
  readonly open: () => Promise<OpenStore>;
}

/** The operations by name, each on a key or channel of its own. */
export const OPERATIONS: readonly (readonly [name: string, run: (store: StateStoreSubject) => Promise<unknown>])[] = [
  ['get', (store) => store.get('key')],
  ['put', (store) => store.put('key', { value: 1 })],
  ['compareAndSet', (store) => store.compareAndSet('other key', undefined, { value: 1 })],
  ['expire', (store) => store.expire('key', 1_000)],
  ['delete', (store) => store.delete('key')],
  ['publish', (store) => store.publish('channel', 1)],
  ['subscribe', (store) => store.subscribe('channel', { message: () => undefined })],
];

export async function openStore({ create, supports }: StateStoreSuiteOptions): Promise<OpenStore> {
  let time = 1_000_000;
  const store = await inTime(create({ now: () => time }), 'making the store');
  const stores = [store];
  return {
    store,
    another: async () => {
      if (lacks(supports, 'another')) return store;
      const made = await inTime(store.another?.() ?? Promise.resolve(store), 'making another store');
      stores.push(made);
      return made;
    },
    pass: async (milliseconds) => {
      time += milliseconds;
      await inTime(store.pass?.(milliseconds) ?? Promise.resolve(), 'letting time pass');
    },
    [Symbol.asyncDispose]: async () => {
      await inTime(Promise.allSettled(stores.map((each) => each.close())), 'closing the stores at the end of the test');
    },
  };
}
