import type { Offer } from '../catalog/offer.ts';
import { kindOf, type Peer } from '../protocol/peer.ts';
import type { LeftOut } from './left-out.ts';
import type { PrivateConnections } from './private-connections.ts';
import { readOffer } from './read-offer.ts';
import { withinTime } from './within-time.ts';

/** Kinds of client whose offer is kept. */
const MAX_KINDS = 32;

const READ_MS = 60_000;

/**
 * What a legacy server offers to clients that it can ask: it may have tools for them that others do not see. One client of
 * each kind finds out for all; a session whose own list has changed reads its own.
 */
export class PrivateOffers {
  readonly #leftOut: LeftOut;
  readonly #byKind = new Map<string, Promise<Offer>>();
  readonly #bySession = new Map<string, Promise<Offer>>();
  readonly #own = new Set<string>();
  readonly #known = new WeakSet<Promise<Offer>>();

  constructor(leftOut: LeftOut) {
    this.#leftOut = leftOut;
  }

  of(peer: Peer, connections: PrivateConnections): Promise<Offer> {
    const [offers, key] = this.#own.has(peer.key) ? [this.#bySession, peer.key] : [this.#byKind, kindOf(peer)];
    const known = offers.get(key);
    if (known) return known;
    const reading = this.#read(peer, connections);
    offers.set(key, reading);
    reading.then(
      () => this.#known.add(reading),
      () => {
        if (offers.get(key) === reading) offers.delete(key);
      },
    );
    const [oldest] = this.#byKind.keys();
    if (this.#byKind.size > MAX_KINDS && oldest !== undefined) this.#byKind.delete(oldest);
    return reading;
  }

  /** Whether it has been read and need not be waited for. */
  has(peer: Peer): boolean {
    const offer = this.#own.has(peer.key) ? this.#bySession.get(peer.key) : this.#byKind.get(kindOf(peer));
    return offer !== undefined && this.#known.has(offer);
  }

  /** The lists of one client have changed. */
  changed(peer: Peer): void {
    this.#bySession.delete(peer.key);
    if (peer.era === 'legacy') this.#own.add(peer.key);
    this.#byKind.delete(kindOf(peer));
  }

  forget(peer: Peer): void {
    this.#own.delete(peer.key);
    this.#bySession.delete(peer.key);
  }

  clear(): void {
    this.#byKind.clear();
    this.#bySession.clear();
  }

  async #read(peer: Peer, connections: PrivateConnections): Promise<Offer> {
    const late = (): Error => new Error(`it did not list within ${READ_MS} ms`);
    return withinTime(READ_MS, late, async (cancellation) => {
      const lease = await connections.leaseToList(peer, cancellation);
      return readOffer(lease.connection, { cancellation, leftOut: this.#leftOut }).finally(lease.release);
    });
  }
}
