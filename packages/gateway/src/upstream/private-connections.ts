import { ceilingReached } from '../ceilings.ts';
import { ConnectionLimitError, UpstreamUnavailableError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Peer } from '../protocol/peer.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import type { Connection } from './connection.ts';
import type { Lease } from './lease.ts';
import { RequestConnections } from './request-connections.ts';

/** How many clients of one server may have a connection of their own: for a program each is a process, elsewhere a socket or two. */
const MAX_PROGRAMS = 128;
const MAX_REMOTE = 2_048;

/** The part of these that may belong to one caller, so that one key cannot keep the others out. */
const OF_ONE_CALLER = 0.5;

/** How long a session's own connection stays that was only listed on, in milliseconds: whoever lists may be about to call. */
const LISTED_MS = 60_000;

export interface PrivateConnectionsOptions {
  readonly server: string;
  /** Whether each connection is a process, or a thread with a guest. */
  readonly isProgram: boolean;
  /** Opens one. Where several must wait for their turn, those go first that a request waits for. */
  readonly open: (peer: Peer, isAwaited: () => boolean) => Promise<Connection>;
  /** Ends the longest silent of these sessions and answers its key; undefined where none of them is silent. */
  readonly endSilent: (sessions: Iterable<string>) => string | undefined;
}

/** Room for one connection, and who has it. */
interface Place {
  readonly caller: string;
  /** Resolves when the connection is no more. */
  readonly left: Promise<void>;
}

interface OwnConnection {
  readonly place: Place;
  readonly opening: Promise<Connection>;
}

interface SessionConnection extends OwnConnection {
  /** Whether the session has needed it for more than a list. */
  readonly use: { isCalled: boolean };
}

/**
 * Connections to a legacy server that belong to one client. Such a server may ask its client things, and tells neither who
 * is meant nor why: it asks down the connection. So a client that can be asked gets one of its own: a session for as long as
 * it lasts, requests of clients without sessions one after the other. Where there is no room the longest silent session of
 * the same caller ends, and one of a caller that has more of them only where all callers together have too many.
 */
export class PrivateConnections {
  readonly #options: PrivateConnectionsOptions;
  readonly #sessions = new Map<string, SessionConnection>();
  /** Those without sessions, by caller. */
  readonly #requests = new Map<string, RequestConnections>();
  readonly #live = new Set<Connection>();
  readonly #places = new Set<Place>();

  constructor(options: PrivateConnectionsOptions) {
    this.#options = options;
  }

  /** @param isFresh - Whether a connection that has been opened before will not do. @default false */
  async lease(peer: Peer, cancellation: Cancellation, isFresh = false): Promise<Lease> {
    if (peer.era === 'legacy') {
      const { use, opening } = this.#ofSession(peer);
      use.isCalled = true;
      return { connection: await unlessCancelled(cancellation, opening), pause: () => () => {}, release: () => {} };
    }
    const { name } = peer.caller;
    const known = this.#requests.get(name);
    const open = async (asking: Peer): Promise<Connection> => this.#create(asking, () => true).opening;
    const requests = known ?? new RequestConnections(this.#options.server, open);
    if (!known) this.#requests.set(name, requests);
    try {
      return await requests.lease(peer, cancellation, isFresh);
    } catch (error) {
      if (requests.isEmpty) this.#requests.delete(name);
      throw error;
    }
  }

  /**
   * A connection to find out what is offered to a client. Clients list what they never call, and for a program it is a process: a session's own
   * connection ends a minute later, unless the session has called meanwhile.
   */
  async leaseToList(peer: Peer, cancellation: Cancellation): Promise<Lease> {
    if (peer.era !== 'legacy') return this.lease(peer, cancellation);
    const own = this.#ofSession(peer);
    const end = (): void => {
      if (!own.use.isCalled && this.#sessions.get(peer.key) === own) this.forget(peer);
    };
    const release = (): void => void setTimeout(end, LISTED_MS).unref();
    return { connection: await unlessCancelled(cancellation, own.opening), pause: () => () => {}, release };
  }

  /** The session's own connection, opened at its first use. */
  #ofSession(peer: Peer): SessionConnection {
    const known = this.#sessions.get(peer.key);
    if (known) return known;
    const use = { isCalled: false };
    const own = { ...this.#create(peer, () => use.isCalled), use };
    this.#sessions.set(peer.key, own);
    const drop = (): void => {
      if (this.#sessions.get(peer.key) === own) this.#sessions.delete(peer.key);
    };
    own.opening.then((connection) => connection.closed.then(drop), drop);
    return own;
  }

  /** The session's own connection if it has one already. */
  existing(peer: Peer): Promise<Connection> | undefined {
    return this.#sessions.get(peer.key)?.opening;
  }

  /** Ends the caller's connections that nobody uses: its next requests are sent on new ones. */
  endFree({ caller }: Peer): void {
    this.#requests.get(caller.name)?.endFree();
  }

  /** None of them takes anything more; what runs on them goes on. */
  retireAll(reason: string): void {
    for (const connection of this.#live) connection.retire(reason);
  }

  forget(peer: Peer): void {
    const session = this.#sessions.get(peer.key);
    this.#sessions.delete(peer.key);
    void session?.opening.then((connection) => connection.close()).catch(() => {});
  }

  async closeAll(): Promise<void> {
    const closed = new UpstreamUnavailableError({ server: this.#options.server, state: 'closed' });
    for (const requests of this.#requests.values()) requests.close(closed);
    this.#requests.clear();
    this.#sessions.clear();
    await Promise.allSettled([...this.#live].map((connection) => connection.close()));
  }

  /** @throws GATEWAY_CONNECTION_LIMIT */
  #create(peer: Peer, isAwaited: () => boolean): OwnConnection {
    const caller = peer.caller.name;
    const room = this.#room(caller);
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const place: Place = { caller, left };
    this.#places.add(place);
    const end = (): void => {
      this.#places.delete(place);
      leave();
      if (this.#requests.get(caller)?.isEmpty) this.#requests.delete(caller);
    };
    const opening = this.#open(peer, isAwaited, room);
    opening.then((connection) => connection.gone.then(end), end);
    return { place, opening };
  }

  async #open(peer: Peer, isAwaited: () => boolean, room: Promise<void> | undefined): Promise<Connection> {
    await room;
    const connection = await this.#options.open(peer, isAwaited);
    this.#live.add(connection);
    void connection.gone.then(() => this.#live.delete(connection));
    return connection;
  }

  /**
   * Sees to it that one more may be opened: undefined where it may be at once, or what must have closed before.
   *
   * @throws GATEWAY_CONNECTION_LIMIT
   */
  #room(caller: string): Promise<void> | undefined {
    const held = Map.groupBy(this.#places, (place) => place.caller);
    const heldBy = (name: string): number => held.get(name)?.length ?? 0;
    const { endSilent, server, isProgram } = this.#options;
    const most = isProgram ? MAX_PROGRAMS : MAX_REMOTE;
    const mostOfOne = most * OF_ONE_CALLER;
    const isFull = heldBy(caller) >= mostOfOne;
    if (!isFull && this.#places.size < most) return undefined;
    ceilingReached('private-connections');
    const sessions = new Map(this.#sessions);
    const own = [...sessions].filter(([, { place }]) => place.caller === caller).map(([key]) => key);
    const larger = [...sessions].filter(([, { place }]) => heldBy(place.caller) > heldBy(caller)).map(([key]) => key);
    const ended = endSilent(own) ?? (isFull ? undefined : endSilent(larger));
    const place = ended === undefined ? undefined : sessions.get(ended)?.place;
    if (!place) throw new ConnectionLimitError({ server, limit: isFull ? mostOfOne : most });
    this.#places.delete(place);
    return place.left;
  }
}
