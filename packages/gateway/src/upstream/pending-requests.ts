import { Slots } from '../protocol/slots.ts';
import { type PendingOptions, PendingRequest } from './pending-request.ts';

/** An id holds the place of its request, and above it a number that makes it new. */
const PLACES = 2 ** 20;

/** The requests of one connection that wait for their answers. Ids are the gateway's own, and none is given twice. */
export class PendingRequests {
  readonly #slots = new Slots<PendingRequest>();
  #count = 0;
  #clients = 0;

  open(options: Omit<PendingOptions, 'id'>): PendingRequest {
    const pending = new PendingRequest({ ...options, id: ++this.#count * PLACES + this.#slots.next });
    this.#slots.add(pending);
    if (pending.exchange) this.#clients++;
    return pending;
  }

  get(id: number): PendingRequest | undefined {
    const pending = this.#slots.at(id % PLACES);
    return pending?.id === id ? pending : undefined;
  }

  remove({ id, exchange }: PendingRequest): void {
    if (!this.get(id)) return;
    this.#slots.remove(id % PLACES);
    if (exchange) this.#clients--;
  }

  get all(): readonly PendingRequest[] {
    return this.#slots.values();
  }

  /** The one request of a client that waits, where it is alone; the gateway's own, such as a stream of changes, do not count. */
  get only(): PendingRequest | undefined {
    return this.#clients === 1 ? this.all.find(({ exchange }) => exchange) : undefined;
  }
}
