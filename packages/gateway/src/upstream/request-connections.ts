import { ceilingReached } from '../ceilings.ts';
import { ConnectionLimitError, DeadlineError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import { kindOf, type Peer } from '../protocol/peer.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import type { Connection } from './connection.ts';
import type { Lease } from './lease.ts';

/** Requests of one caller that one server may work on at once; those that wait for an answer of their client do not count. */
export const MAX_BUSY = 8;

/** How many more may wait for their turn. */
export const MAX_WAITING = 128;

/** How long a connection waits for the next request. */
const IDLE_MS = 60_000;

interface Free {
  readonly kind: string;
  readonly connection: Connection;
  readonly timer: NodeJS.Timeout;
}

/**
 * The connections on which one caller's requests are sent that belong to no session, one request at a time on each. As many
 * are opened as requests may run at once, and no more: further requests wait for their turn.
 */
export class RequestConnections {
  readonly #server: string;
  readonly #open: (peer: Peer) => Promise<Connection>;
  readonly #waiting = new Set<PromiseWithResolvers<void>>();
  #free: Free[] = [];
  #busy = 0;

  constructor(server: string, open: (peer: Peer) => Promise<Connection>) {
    this.#server = server;
    this.#open = open;
  }

  get isEmpty(): boolean {
    return this.#busy === 0 && this.#waiting.size === 0 && this.#free.length === 0;
  }

  /**
   * A connection for one request, when it is its turn.
   *
   * @param isFresh - Whether it must have been opened for this request. @default false
   * @throws GATEWAY_CONNECTION_LIMIT where too many wait, or the time of the request ends before its turn comes; what opening
   * throws; the reason of the cancellation.
   */
  async lease(peer: Peer, cancellation: Cancellation, isFresh = false): Promise<Lease> {
    cancellation.throwIfCancelled();
    if (this.#busy < MAX_BUSY) this.#busy++;
    else await this.#turn(cancellation);
    const kind = kindOf(peer);
    const known = isFresh ? undefined : this.#take(kind);
    if (known) return this.#leaseOf(known, kind);
    this.#makeRoom();
    const leased = this.#open(peer).then((connection) => this.#leaseOf(connection, kind));
    leased.catch(() => this.#leave());
    return unlessCancelled(cancellation, leased).catch((error) => {
      // Who opened it has gone; the next one has it then.
      if (cancellation.cancelled) leased.then((lease) => lease.release()).catch(() => {});
      throw error;
    });
  }

  /** Those who wait for their turn are told why there will be none, and nothing stays open that is not in use. */
  close(reason: Error): void {
    for (const { reject } of this.#waiting) reject(reason);
    this.#waiting.clear();
    this.endFree();
  }

  endFree(): void {
    for (const free of this.#free) this.#end(free);
  }

  #turn(cancellation: Cancellation): Promise<void> {
    const limit = new ConnectionLimitError({ server: this.#server, limit: MAX_BUSY });
    if (this.#waiting.size >= MAX_WAITING) {
      ceilingReached('private-connections');
      throw limit;
    }
    const waiter = Promise.withResolvers<void>();
    this.#waiting.add(waiter);
    const forget = cancellation.onCancel((reason) => {
      this.#waiting.delete(waiter);
      // The server is not what was slow.
      waiter.reject(reason instanceof DeadlineError ? limit : reason);
    });
    return waiter.promise.finally(forget);
  }

  #leave(): void {
    this.#busy--;
    for (const waiter of this.#waiting) {
      if (this.#busy >= MAX_BUSY) return;
      this.#waiting.delete(waiter);
      this.#busy++;
      waiter.resolve();
    }
  }

  #leaseOf(connection: Connection, kind: string): Lease {
    let asking = 0;
    let isOver = false;
    const resume = (): void => {
      if (--asking === 0 && !isOver) this.#busy++;
    };
    return {
      connection,
      pause: () => {
        if (asking++ === 0 && !isOver) this.#leave();
        return resume;
      },
      release: () => {
        if (isOver) return;
        isOver = true;
        this.#put(connection, kind);
        if (asking === 0) this.#leave();
      },
    };
  }

  /** Clients of another kind cannot use what is free. */
  #makeRoom(): void {
    const [oldest] = this.#free;
    if (oldest && this.#busy + this.#free.length > MAX_BUSY) this.#end(oldest);
  }

  #put(connection: Connection, kind: string): void {
    // Clients of one caller cannot be told apart, and this server would take the next one's roots for those of the last.
    if (connection.isPersonal) {
      void connection.close();
      return;
    }
    const timer = setTimeout(() => this.#end(free), IDLE_MS);
    timer.unref();
    const free: Free = { kind, connection, timer };
    this.#free.push(free);
    void connection.closed.then(() => this.#remove(free));
  }

  #take(kind: string): Connection | undefined {
    const found = this.#free.findLast((free) => free.kind === kind && free.connection.endReason === undefined);
    if (found) this.#remove(found);
    return found?.connection;
  }

  /** Nobody is given it any longer, though closing may take a while. */
  #end(free: Free): void {
    this.#remove(free);
    void free.connection.close();
  }

  #remove(gone: Free): void {
    clearTimeout(gone.timer);
    this.#free = this.#free.filter((free) => free !== gone);
  }
}
