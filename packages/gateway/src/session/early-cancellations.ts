import type { ObjectText } from '../protocol/frame/object-text.ts';

/** How long one is remembered, in milliseconds: longer than what is on its way waits for the state store. */
const REMEMBERED_MS = 5_000;

/** How many are remembered of one client, and of all together; the oldest are forgotten. */
const MAX_OF_ONE = 100;
const MAX_OF_ALL = 5_000;

/** Longer ids are not remembered, in bytes of their JSON; longer reasons are cut, in characters. */
const MAX_ID_BYTES = 256;
const MAX_REASON = 200;

interface Early {
  readonly at: number;
  readonly reason: string;
}

/**
 * What clients have cancelled that has not come here yet. Two requests over HTTP have no order, and less where another gateway has passed one of them on: a cancellation may overtake
 * what it cancels, which then ends as soon as it comes. Each ends one request; ids are never used twice. Source: MCP specification 2025-11-25, "Requests".
 */
export class EarlyCancellations {
  readonly #now: () => number;
  /** By client and id; clients in the order of what they cancelled last. */
  readonly #all = new Map<string, Map<string, Early>>();
  #size = 0;

  /** @param now - Milliseconds of a clock that nobody sets. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A client has cancelled a request that is not here. */
  note(client: string, params: ObjectText): void {
    const id = params.bytes('requestId');
    if (id === undefined || id.length > MAX_ID_BYTES) return;
    const own = this.#all.get(client) ?? new Map<string, Early>();
    this.#all.delete(client);
    this.#all.set(client, own);
    const key = id.toString('latin1');
    if (own.delete(key)) this.#size -= 1;
    own.set(key, { at: this.#now(), reason: (params.text('reason') ?? '').slice(0, MAX_REASON) });
    this.#size += 1;
    if (own.size > MAX_OF_ONE) this.#forgetOldest(client, own);
    this.#forget();
  }

  /** Why a request that comes now was cancelled before; undefined where it was not. */
  take(client: string, id: Buffer): Error | undefined {
    if (this.#size === 0) return undefined;
    const own = this.#all.get(client);
    const key = id.toString('latin1');
    const early = own?.get(key);
    if (!own || !early) return undefined;
    this.#remove(client, own, key);
    return this.#now() - early.at > REMEMBERED_MS ? undefined : new Error(early.reason);
  }

  /** Those that are too old, and those that are too many. */
  #forget(): void {
    for (const [client, own] of this.#all) {
      for (const [key, { at }] of own) {
        if (this.#now() - at <= REMEMBERED_MS) break;
        this.#remove(client, own, key);
      }
      if (this.#size > MAX_OF_ALL) this.#forgetOldest(client, own);
      else if (own.size > 0) return;
    }
  }

  #forgetOldest(client: string, own: Map<string, Early>): void {
    const [oldest] = own.keys();
    if (oldest !== undefined) this.#remove(client, own, oldest);
  }

  #remove(client: string, own: Map<string, Early>, key: string): void {
    own.delete(key);
    this.#size -= 1;
    if (own.size === 0) this.#all.delete(client);
  }
}
