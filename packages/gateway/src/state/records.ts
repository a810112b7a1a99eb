import { StateError } from './state-error.ts';
import type { StateStore, Stored, Swap } from './state-store.ts';

/** Far more than calls of one session that change one record at the same moment. */
const MAX_TRIES = 64;

/** One kind of record: plain data, without closures and sockets. */
export interface RecordKind<T> {
  /** Tells its keys from those of every other kind. */
  readonly prefix: string;
  /** Set where a new session is held to them as well: they do not go with the one before. */
  readonly outlivesSessions?: true;
  /** Takes what was stored for a T, or throws: another version of the gateway may have written it. It keeps what it does not know. */
  parse(value: unknown): T;
}

/** What names one record among its kind, in order. */
export type RecordKey = readonly string[];

/** A record as one holder of it saw it last: an update that begins there costs one operation where nobody else has changed it. */
export class LastSeen {
  /** Undefined until something was seen; then the record, or that there was none. */
  current: { readonly stored: Stored | undefined } | undefined;
}

/** The records of one kind. Keys of the store are known here and nowhere else. Everything rejects with GATEWAY_STATE where the store fails. */
export class Records<T> {
  readonly #store: StateStore;
  readonly #kind: RecordKind<T>;

  constructor(store: StateStore, kind: RecordKind<T>) {
    this.#store = store;
    this.#kind = kind;
  }

  /** What errors call the records. */
  get kindName(): string {
    return this.#kind.prefix;
  }

  /** Whether a new session begins without them. */
  get isOfSession(): boolean {
    return this.#kind.outlivesSessions !== true;
  }

  /** How many lives the records of the store have had. */
  get lives(): number {
    return this.#store.lives;
  }

  /** @param seen - Takes note of what was found. */
  async get(key: RecordKey, seen?: LastSeen): Promise<T | undefined> {
    const stored = await this.#store.get(this.#keyOf(key));
    if (seen) seen.current = { stored };
    return this.#parsed(stored);
  }

  /** Whether there is a record, readable or not. */
  async has(key: RecordKey): Promise<boolean> {
    return (await this.#store.get(this.#keyOf(key))) !== undefined;
  }

  async put(key: RecordKey, value: T, ttlMs?: number): Promise<void> {
    await this.#store.put(this.#keyOf(key), { value, ttlMs });
  }

  /** Writes a record that must not be there yet; false where it is. */
  async create(key: RecordKey, value: T, ttlMs?: number): Promise<boolean> {
    return (await this.#store.compareAndSet(this.#keyOf(key), undefined, { value, ttlMs })).swapped;
  }

  /**
   * Changes a record in one step, whoever else changes it meanwhile. Gives the record as it is afterwards.
   *
   * @param change - Called once for each try, at once before it, with what is there now. What it throws ends the update. It gives back the same value to
   * leave the record alone, which then costs no write, and undefined to delete it.
   * @param seen - Where the caller holds on to the record: `change` is then called first with what was seen last.
   * @throws GATEWAY_STATE when others came first in 64 tries.
   */
  async update(
    key: RecordKey,
    change: (now: T | undefined) => T | undefined,
    ttlMs?: number,
    seen?: LastSeen,
  ): Promise<T | undefined> {
    const at = this.#keyOf(key);
    // What is remembered may be old: it is good for a write, which would be refused then, and for nothing else.
    const remembered = seen?.current;
    let before: Swap | undefined;
    if (seen && remembered) {
      seen.current = undefined;
      const written = await this.#writeUpon(at, remembered.stored, change, ttlMs);
      if (written?.swapped) {
        seen.current = { stored: written.current };
        return written.value;
      }
      before = written;
    }
    let found = before ? before.current : await this.#store.get(at);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const now = this.#parsed(found);
      const value = change(now);
      if (value === now) return now;
      const { swapped, current } = await this.#store.compareAndSet(at, found?.revision, value && { value, ttlMs });
      if (seen) seen.current = { stored: current };
      if (swapped) return value;
      found = current;
    }
    throw new StateError({ kind: 'contended', record: this.kindName, tries: MAX_TRIES });
  }

  /** Takes a record out. Of several who want it, one gets it. */
  async take(key: RecordKey): Promise<T | undefined> {
    let taken: T | undefined;
    await this.update(key, (now) => {
      taken = now;
      return undefined;
    });
    return taken;
  }

  /** Gives a record a new time to live, in milliseconds; false where there is none. */
  async expire(key: RecordKey, ttlMs: number): Promise<boolean> {
    return this.#store.expire(this.#keyOf(key), ttlMs);
  }

  /** False where there was none. */
  async delete(key: RecordKey): Promise<boolean> {
    return this.#store.delete(this.#keyOf(key));
  }

  /** Undefined where the change writes nothing, or throws: that has to be known of the record as it is now. */
  async #writeUpon(
    at: string,
    found: Stored | undefined,
    change: (now: T | undefined) => T | undefined,
    ttlMs: number | undefined,
  ): Promise<
    { readonly swapped: boolean; readonly current: Stored | undefined; readonly value: T | undefined } | undefined
  > {
    let value: T | undefined;
    try {
      const now = this.#parsed(found);
      value = change(now);
      if (value === now) return undefined;
    } catch {
      return undefined;
    }
    const { swapped, current } = await this.#store.compareAndSet(at, found?.revision, value && { value, ttlMs });
    return { swapped, current, value };
  }

  /** Injective, whatever characters a principal's name has. */
  #keyOf(key: RecordKey): string {
    return `${this.#kind.prefix}:${JSON.stringify(key)}`;
  }

  #parsed(stored: { readonly value: unknown } | undefined): T | undefined {
    if (!stored) return undefined;
    try {
      return this.#kind.parse(stored.value);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StateError(
        { kind: 'unreadable', record: this.kindName, isOfSession: this.isOfSession, reason },
        { cause },
      );
    }
  }
}
