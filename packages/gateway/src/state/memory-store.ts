import { parseJson } from '../json.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { Channels } from './channels.ts';
import { ExpiryBuckets } from './expiry-buckets.ts';
import { StateError } from './state-error.ts';
import type { ChannelListener, Revision, StateStore, Stored, Swap, Unsubscribe, Write } from './state-store.ts';
import { mustBeTtl, toStoredJson } from './stored-json.ts';

/** Far more than a gateway of 1,000 sessions needs; a record of labels takes about 1 KB. */
const DEFAULT_MAX_RECORDS = 100_000;

export interface MemoryStoreOptions {
  /** Milliseconds since any moment, never going back. */
  readonly now: () => number;
  /**
   * Records that are kept at once. A store that is full refuses new keys with GATEWAY_STATE and goes on changing those it has: it removes what has expired
   * and nothing else, because a record of labels that goes silently would let its agent write where it must not. @default 100_000
   */
  readonly maxRecords?: number;
  /** Told of listeners that fail. @default silent */
  readonly logger?: Logger;
}

/** The state of one process, gone with it. */
export function createMemoryStore(options: MemoryStoreOptions): StateStore {
  return new MemoryStore(options);
}

interface Entry {
  readonly json: string;
  readonly revision: Revision;
  expiresAt: number | undefined;
}

/** Every operation does its work before its first await, and is therefore atomic. Keep it so. */
class MemoryStore implements StateStore {
  readonly isShared = false;
  /** Its records go with the process, and with it everybody who counted on them. */
  readonly lives = 1;
  readonly #entries = new Map<string, Entry>();
  readonly #expiry = new ExpiryBuckets();
  readonly #channels: Channels;
  readonly #now: () => number;
  readonly #maxRecords: number;
  #revisions = 0;
  #closed = false;

  constructor({ now, maxRecords = DEFAULT_MAX_RECORDS, logger = silentLogger }: MemoryStoreOptions) {
    if (!Number.isSafeInteger(maxRecords) || maxRecords < 1) {
      throw new TypeError(`Expected "maxRecords" to be a whole number above 0, got ${String(maxRecords)}.`);
    }
    this.#now = now;
    this.#maxRecords = maxRecords;
    this.#channels = new Channels(logger);
  }

  async get(key: string): Promise<Stored | undefined> {
    this.#mustBeOpen();
    return toStored(this.#find(key));
  }

  async put(key: string, write: Write): Promise<void> {
    this.#mustBeOpen();
    this.#write(key, write);
  }

  async compareAndSet(key: string, expected: Revision | undefined, write: Write | undefined): Promise<Swap> {
    this.#mustBeOpen();
    const found = this.#find(key);
    if (found?.revision !== expected) return { swapped: false, current: toStored(found) };
    if (write) return { swapped: true, current: toStored(this.#write(key, write)) };
    this.#remove(key);
    return { swapped: true, current: undefined };
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    this.#mustBeOpen();
    mustBeTtl(ttlMs);
    const entry = this.#find(key);
    if (!entry) return false;
    if (entry.expiresAt !== undefined) this.#expiry.remove(key, entry.expiresAt);
    entry.expiresAt = this.#now() + ttlMs;
    this.#expiry.add(key, entry.expiresAt);
    return true;
  }

  async delete(key: string): Promise<boolean> {
    this.#mustBeOpen();
    const found = this.#find(key) !== undefined;
    this.#remove(key);
    return found;
  }

  async publish(channel: string, message: unknown): Promise<boolean> {
    this.#mustBeOpen();
    return this.#channels.deliver(channel, toStoredJson(message));
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<Unsubscribe> {
    this.#mustBeOpen();
    const end = this.#channels.add(channel, listener);
    return async () => end();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
    this.#channels.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expiresAt === undefined || entry.expiresAt > this.#now()) return entry;
    this.#remove(key);
    return undefined;
  }

  #write(key: string, { value, ttlMs }: Write): Entry {
    if (ttlMs !== undefined) mustBeTtl(ttlMs);
    const json = toStoredJson(value);
    for (const due of this.#expiry.takeDue(this.#now())) this.#entries.delete(due);
    if (!this.#entries.has(key) && this.#entries.size >= this.#maxRecords) {
      throw new StateError({ kind: 'full', holds: `${this.#maxRecords} records` });
    }
    this.#remove(key);
    const expiresAt = ttlMs === undefined ? undefined : this.#now() + ttlMs;
    const entry: Entry = { json, revision: String(++this.#revisions), expiresAt };
    this.#entries.set(key, entry);
    if (expiresAt !== undefined) this.#expiry.add(key, expiresAt);
    return entry;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    if (entry.expiresAt !== undefined) this.#expiry.remove(key, entry.expiresAt);
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new StateError({ kind: 'closed' });
  }
}

function toStored(entry: Entry | undefined): Stored | undefined {
  return entry && { value: parseJson(entry.json), revision: entry.revision };
}
