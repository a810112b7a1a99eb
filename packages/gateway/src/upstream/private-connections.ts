import { ConnectionLimitError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Peer } from '../protocol/peer.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import type { Connection } from './connection.ts';

/** How many clients of one server may have a connection of their own. */
const MAX_PRIVATE = 128;

/** How many of these may belong to one caller, so that one key cannot keep the others out. */
const MAX_PER_CALLER = 64;

/** How long a connection without a session waits for the next request of its client. */
const IDLE_MS = 60_000;

/** What a private connection tells its owner. */
export interface PrivateOwner {
  onNotification(message: Message): void;
  ask(message: Message, cancellation: Cancellation): Promise<ObjectText>;
}

export interface Lease {
  readonly connection: Connection;
  release(): void;
}

/**
 * Connections to a legacy server that belong to one client. Such a server may ask its client things, and tells neither who
 * is meant nor why: it asks down the connection. So a client that can be asked gets one of its own: a session for as long as
 * it lasts, a client without sessions for one request at a time.
 */
export class PrivateConnections {
  readonly #open: (peer: Peer, owner: PrivateOwner) => Promise<Connection>;
  readonly #sessions = new Map<string, Promise<Connection>>();
  readonly #idle = new Map<string, { connection: Connection; timer: NodeJS.Timeout }[]>();
  readonly #live = new Set<Connection>();
  readonly #byCaller = new Map<string, number>();
  readonly #server: string;

  constructor(server: string, open: (peer: Peer, owner: PrivateOwner) => Promise<Connection>) {
    this.#server = server;
    this.#open = open;
  }

  async lease(peer: Peer, cancellation: Cancellation): Promise<Lease> {
    if (peer.era === 'legacy') {
      return { connection: await unlessCancelled(cancellation, this.ofSession(peer)), release: () => {} };
    }
    const key = idleKeyOf(peer);
    const connection = this.#takeIdle(key) ?? (await this.#create(peer));
    return { connection, release: () => this.#putIdle(key, connection) };
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

  /** Whether a connection is open that a request of this client would be sent on. */
  isOpenFor(peer: Peer): boolean {
    return peer.era === 'legacy' ? this.#sessions.has(peer.key) : this.#idle.has(idleKeyOf(peer));
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
    for (const { timer } of [...this.#idle.values()].flat()) clearTimeout(timer);
    this.#idle.clear();
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
      void connection.closed.then(() => {
        this.#drop(connection);
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
  }

  #takeIdle(key: string): Connection | undefined {
    const waiting = this.#idle.get(key) ?? [];
    const entry = waiting.pop();
    if (waiting.length === 0) this.#idle.delete(key);
    clearTimeout(entry?.timer);
    return entry?.connection;
  }

  #putIdle(key: string, connection: Connection): void {
    if (!this.#live.has(connection)) return;
    const timer = setTimeout(() => void connection.close(), IDLE_MS);
    timer.unref();
    this.#idle.set(key, [...(this.#idle.get(key) ?? []), { connection, timer }]);
  }

  /** The connection has ended, idle or not. */
  #drop(connection: Connection): void {
    this.#live.delete(connection);
    for (const [key, waiting] of this.#idle) {
      const rest = waiting.filter((entry) => entry.connection !== connection);
      if (rest.length === 0) this.#idle.delete(key);
      else this.#idle.set(key, rest);
    }
  }
}

/** Requests of one caller with the same capabilities may use the same connection, one after the other. */
function idleKeyOf({ key, capabilities }: Peer): string {
  return `${key} ${capabilities.toBytes().toString('utf8')}`;
}
