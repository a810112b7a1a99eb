import type { Exchange } from '../protocol/exchange.ts';
import type { Message } from '../protocol/message.ts';
import { type PendingOwner, PendingRequest } from './pending-request.ts';

/** A power of two. */
const PLACES_AT_FIRST = 64;

const ZERO = 48;

/**
 * The requests of one connection that wait for their answers. Ids are the gateway's own, and none is given twice: they count up
 * from 1, which keeps them small integers, the numbers that V8 is quick with.
 *
 * A ring and no Map, for the reason that {@link Slots} gives: the lower bits of an id are the place of its request, and an id
 * whose place is taken by one that waits for long is left out.
 */
export class PendingRequests {
  readonly #owner: PendingOwner;
  #ring = new Array<PendingRequest | undefined>(PLACES_AT_FIRST).fill(undefined);
  #lastId = 0;
  #size = 0;
  #clients = 0;

  constructor(owner: PendingOwner) {
    this.#owner = owner;
  }

  /**
   * @param exchange - The client's request that it is sent for, if any.
   * @param take - Takes what belongs to the request, where that is more than an answer; true where it did.
   */
  open(method: string, exchange: Exchange | undefined, take?: (message: Message) => boolean): PendingRequest {
    if (this.#size * 2 >= this.#ring.length) this.#grow();
    let id = this.#lastId + 1;
    while (this.#ring[this.#placeOf(id)] !== undefined) id++;
    this.#lastId = id;
    const pending = new PendingRequest(this.#owner, id, method, exchange, take);
    this.#ring[this.#placeOf(id)] = pending;
    this.#size++;
    if (exchange) this.#clients++;
    return pending;
  }

  get(id: number): PendingRequest | undefined {
    const pending = this.#ring[this.#placeOf(id)];
    return pending?.id === id ? pending : undefined;
  }

  /** The request that an answer with this id is for. */
  named(id: Buffer): PendingRequest | undefined {
    return this.get(numberOf(id) ?? rewritten(id));
  }

  remove({ id, exchange }: PendingRequest): void {
    if (!this.get(id)) return;
    this.#ring[this.#placeOf(id)] = undefined;
    this.#size--;
    if (exchange) this.#clients--;
  }

  get all(): readonly PendingRequest[] {
    return this.#ring.filter((pending) => pending !== undefined);
  }

  /** The one request of a client that waits, where it is alone; the gateway's own, such as a stream of changes, do not count. */
  get only(): PendingRequest | undefined {
    return this.#clients === 1 ? this.all.find(({ exchange }) => exchange) : undefined;
  }

  #placeOf(id: number): number {
    return id & (this.#ring.length - 1);
  }

  /** Two that had places of their own in the smaller ring have so in the larger one. */
  #grow(): void {
    const before = this.all;
    this.#ring = new Array<PendingRequest | undefined>(this.#ring.length * 2).fill(undefined);
    for (const pending of before) this.#ring[this.#placeOf(pending.id)] = pending;
  }
}

/** What servers make of the gateway's ids that keep them as text or as floating point, which clients of every SDK put up with. */
const REWRITTEN = /^(?:"([1-9]\d{0,14})"|([1-9]\d{0,14})\.0+)$/;

/** The number that `"1"` and `1.0` stand for, since the gateway sends neither; 0, which is no id, for everything else. */
function rewritten(id: Buffer): number {
  const [, text, float] = REWRITTEN.exec(id.toString('latin1')) ?? [];
  return Number(text ?? float ?? 0);
}

/** The number that the gateway writes as these digits; undefined for everything else, such as `"1"`, `1.0` or `01`. */
function numberOf(id: Buffer): number | undefined {
  if (id.length > 15 || id[0] === ZERO) return undefined;
  let number = 0;
  for (let i = 0; i < id.length; i++) {
    const digit = (id[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}
