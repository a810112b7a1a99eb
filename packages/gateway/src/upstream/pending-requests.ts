import { Slots } from '../protocol/slots.ts';
import { type PendingOptions, PendingRequest } from './pending-request.ts';

/** An id holds the place of its request, and above it a number that makes it new. */
const PLACES = 2 ** 20;

/** The requests of one connection that wait for their answers. Ids are the gateway's own, and none is given twice. */
export class PendingRequests {
  readonly #slots = new Slots<PendingRequest>();
  #count = 0;

  open(options: Omit<PendingOptions, 'id'>): PendingRequest {
    const pending = new PendingRequest({ ...options, id: ++this.#count * PLACES + this.#slots.next });
    this.#slots.add(pending);
    return pending;
  }

  get(id: number): PendingRequest | undefined {
    const pending = this.#slots.at(id % PLACES);
    return pending?.id === id ? pending : undefined;
  }

  remove({ id }: PendingRequest): void {
    this.#slots.remove(id % PLACES);
  }

  get all(): readonly PendingRequest[] {
    return this.#slots.values();
  }
}
