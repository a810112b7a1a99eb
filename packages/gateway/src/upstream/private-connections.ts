import { ConnectionLimitError, UpstreamUnavailableError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Peer } from '../protocol/peer.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import type { Connection } from './connection.ts';
import type { Lease } from './lease.ts';
import { RequestConnections } from './request-connections.ts';

/** How many clients of one server may have a connection of their own. */
const MAX_PRIVATE = 128;

/** How many of these may belong to one caller, so that one key cannot keep the others out. */
const MAX_PER_CALLER = 64;

/** What a private connection tells its owner. */
export interface PrivateOwner {
  onNotification(message: Message): void;
  ask(message: Message, cancellation: Cancellation): Promise<ObjectText>;
}

/**
 * Connections to a legacy server that belong to one client. Such a server may ask its client things, and tells neither who
 * is meant nor why: it asks down the connection. So a client that can be asked gets one of its own: a session for as long as
 * it lasts, requests of clients without sessions one after the other.
 */
export class PrivateConnections {
  readonly #open: (peer: Peer, owner: PrivateOwner) => Promise<Connection>;
  readonly #sessions = new Map<string, Promise<Connection>>();
  /** Those without sessions, by caller. */
  readonly #requests = new Map<string, RequestConnections>();
  readonly #live = new Set<Connection>();
  readonly #byCaller = new Map<string, number>();
  readonly #server: string;

  constructor(server: string, open: (peer: Peer, owner: PrivateOwner) => Promise<Connection>) {
    this.#server = server;
    this.#open = open;
  }

  async lease(peer: Peer, cancellation: Cancellation): Promise<Lease> {
    if (peer.era === 'legacy') {
      const connection = await unlessCancelled(cancellation, this.ofSession(peer));
      return { connection, isNew: false, pause: () => () => {}, release: () => {} };
    }
    const { name } = peer.caller;
    const known = this.#requests.get(name);
    const requests = known ?? new RequestConnections(this.#server, (asking) => this.#create(asking));
    if (!known) this.#requests.set(name, requests);
    try {
      return await requests.lease(peer, cancellation);
    } catch (error) {
      if (requests.isEmpty) this.#requests.delete(name);
      throw error;
    }
  }

  /** The session's own connection, opened at its first use. */
  ofSession(peer: Peer): Promise<Connection> {
    const known = this.#sessions.get(peer.key);
    if (known) return known;
    const opening = this.#create(peer);
    this.#sessions.set(peer.key, opening);
    const drop = (): void => {
      if (this.#sessions.get(peer.key) === opening) this.#sessions.delete(peer.key);
    };
    opening.then((connection) => connection.closed.then(drop), drop);
    return opening;
  }

  /** The session's own connection if it has one already. */
  existing(peer: Peer): Promise<Connection> | undefined {
    return this.#sessions.get(peer.key);
  }

  forget(peer: Peer): void {
    const session = this.#sessions.get(peer.key);
    this.#sessions.delete(peer.key);
    void session?.then((connection) => connection.close()).catch(() => {});
  }

  async closeAll(): Promise<void> {
    const closed = new UpstreamUnavailableError({ server: this.#server, state: 'closed' });
    for (const requests of this.#requests.values()) requests.close(closed);
    this.#requests.clear();
    this.#sessions.clear();
    await Promise.allSettled([...this.#live].map((connection) => connection.close()));
  }

  async #create(peer: Peer): Promise<Connection> {
    const { name } = peer.caller;
    const own = this.#byCaller.get(name) ?? 0;
    const all = [...this.#byCaller.values()].reduce((sum, count) => sum + count, 0);
    if (own >= MAX_PER_CALLER) throw new ConnectionLimitError({ server: this.#server, limit: MAX_PER_CALLER });
    if (all >= MAX_PRIVATE) throw new ConnectionLimitError({ server: this.#server, limit: MAX_PRIVATE });
    this.#byCaller.set(name, own + 1);
    try {
      const connection = await this.#open(peer, {
        onNotification: (message) => peer.notify(message),
        ask: (message, cancellation) => peer.ask(message, cancellation),
      });
      this.#live.add(connection);
      void connection.gone.then(() => {
        this.#live.delete(connection);
        this.#count(name);
      });
      return connection;
    } catch (error) {
      this.#count(name);
      throw error;
    }
  }

  /** One connection of a caller is no more. */
  #count(caller: string): void {
    const left = (this.#byCaller.get(caller) ?? 1) - 1;
    if (left === 0) this.#byCaller.delete(caller);
    else this.#byCaller.set(caller, left);
    if (this.#requests.get(caller)?.isEmpty) this.#requests.delete(caller);
  }
}
