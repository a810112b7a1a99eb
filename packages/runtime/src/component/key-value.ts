import { err, type HostInterface, OK, ok, type WitResult } from './host-function.ts';

/** What all stores of one guest may hold, keys and values together. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What an entry, or a store without any, counts for beside its bytes. */
const ENTRY_BYTES = 64;
const MOST_KEYS_AT_ONCE = 1_000;
const LARGEST = 2n ** 64n - 1n;

type Outcome<T> = WitResult<T, KeyValueError>;
type KeyValueError =
  | { readonly tag: 'no-such-store' | 'access-denied' }
  | { readonly tag: 'other'; readonly val: string };
type Entry = readonly [key: string, value: Uint8Array];

interface KeyResponse {
  readonly keys: readonly string[];
  readonly cursor: bigint | undefined;
}

/** A store of one guest, by whatever name it opened it. */
class Bucket {
  readonly values: Map<string, Uint8Array> = new Map();
}

/** `wasi:keyvalue` without a store: whoever opens one is denied. */
export const noKeyValue: Readonly<Record<string, HostInterface>> = {
  'wasi:keyvalue/store': { open: () => err({ tag: 'access-denied' }) },
};

/**
 * `wasi:keyvalue` in memory, for all instances of one guest: what one has set the next one gets. It ends with the guest, and holds
 * 16 MiB at most: what would be more fails.
 */
export class KeyValueStores {
  readonly interfaces: Readonly<Record<string, HostInterface>> = {
    'wasi:keyvalue/store': {
      open: (name: string): Outcome<Bucket> => this.#open(name),
      '[method]bucket.get': (self: Bucket, key: string) => ok(self.values.get(key)),
      '[method]bucket.set': (self: Bucket, key: string, value: Uint8Array) => this.#set(self, [[key, value]]),
      '[method]bucket.delete': (self: Bucket, key: string) => this.#delete(self, [key]),
      '[method]bucket.exists': (self: Bucket, key: string) => ok(self.values.has(key)),
      '[method]bucket.list-keys': (self: Bucket, cursor: bigint | undefined) => ok(keysFrom(self, cursor ?? 0n)),
    },
    'wasi:keyvalue/batch': {
      'get-many': (self: Bucket, keys: readonly string[]) => ok(keys.map((key) => entryOf(self, key))),
      'set-many': (self: Bucket, entries: readonly Entry[]) => this.#set(self, entries),
      'delete-many': (self: Bucket, keys: readonly string[]) => this.#delete(self, keys),
    },
    'wasi:keyvalue/atomics': {
      increment: (self: Bucket, key: string, delta: bigint) => this.#increment(self, key, delta),
    },
  };
  readonly #buckets = new Map<string, Bucket>();
  #byteLength = 0;

  #open(name: string): Outcome<Bucket> {
    const known = this.#buckets.get(name);
    if (known) return ok(known);
    if (!this.#takes(sizeOf(name, 0))) return full();
    const bucket = new Bucket();
    this.#buckets.set(name, bucket);
    return ok(bucket);
  }

  /** All of them, or none. */
  #set({ values }: Bucket, entries: readonly Entry[]): Outcome<never> {
    const last = new Map(entries);
    let more = 0;
    for (const [key, value] of last) more += sizeOf(key, value.length) - heldOf(values, key);
    if (!this.#takes(more)) return full();
    for (const [key, value] of last) values.set(key, value.slice());
    return OK;
  }

  #delete({ values }: Bucket, keys: readonly string[]): Outcome<never> {
    for (const key of keys) {
      this.#byteLength -= heldOf(values, key);
      values.delete(key);
    }
    return OK;
  }

  /** The number is written in digits, as other runtimes have it. */
  #increment(bucket: Bucket, key: string, delta: bigint): Outcome<bigint> {
    const text = new TextDecoder().decode(bucket.values.get(key) ?? new Uint8Array([48]));
    if (!/^\d{1,20}$/.test(text)) return err({ tag: 'other', val: `the value of "${key.slice(0, 100)}" is no number` });
    const sum = BigInt(text) + delta;
    if (sum > LARGEST)
      return err({ tag: 'other', val: `the number of "${key.slice(0, 100)}" would be larger than 64 bits` });
    const outcome = this.#set(bucket, [[key, new TextEncoder().encode(`${sum}`)]]);
    return outcome.tag === 'ok' ? ok(sum) : outcome;
  }

  #takes(bytes: number): boolean {
    if (this.#byteLength + bytes > MOST_BYTES) return false;
    this.#byteLength += bytes;
    return true;
  }
}

function entryOf({ values }: Bucket, key: string): Entry | undefined {
  const value = values.get(key);
  return value && [key, value];
}

/** In the order in which they were first set. */
function keysFrom({ values }: Bucket, from: bigint): KeyResponse {
  const keys = [...values.keys()].slice(Number(from));
  const cursor = keys.length > MOST_KEYS_AT_ONCE ? from + BigInt(MOST_KEYS_AT_ONCE) : undefined;
  return { keys: keys.slice(0, MOST_KEYS_AT_ONCE), cursor };
}

function sizeOf(key: string, byteLength: number): number {
  return ENTRY_BYTES + Buffer.byteLength(key) + byteLength;
}

function heldOf(values: ReadonlyMap<string, Uint8Array>, key: string): number {
  const value = values.get(key);
  return value === undefined ? 0 : sizeOf(key, value.length);
}

function full(): WitResult<never, KeyValueError> {
  return err({ tag: 'other', val: `the stores of this server hold ${MOST_BYTES / 1_048_576} MiB at most` });
}
