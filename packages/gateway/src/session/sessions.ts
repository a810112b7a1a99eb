import type { Endpoint } from '../call/endpoint.ts';
import { ceilingReached } from '../ceilings.ts';
import type { Peer } from '../protocol/peer.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** What is live of one client that stays: a session over HTTP, or the one client of a pipe. */
export interface Session {
  readonly peer: Peer;
  readonly endpoint: Endpoint;
  /** Forgets what it keeps of a server's data for a client that comes back; absent where it keeps nothing. */
  dropKept?(): void;
  /** Ends the connection that its own stream is read on; its client may come again. Absent where there is no such connection. */
  cutStream?(): void;
  /** Ends it from the gateway's side. */
  close(): void;
  /** Its requests and streams that are open now; as long as there are some, no clock ends it. */
  open: number;
  lastUsedAt: number;
}

/**
 * Why something is no session here any more: it has `ended` for good, it was `silent` here for too long or made room, or what is live of it has `left`, because it goes on
 * elsewhere or has ended there.
 */
export type SessionEnd = 'ended' | 'silent' | 'left';

export interface SessionsOptions {
  readonly maxSessions: number;
  readonly idleMs: number;
  /** Milliseconds that only go up. */
  readonly now: () => number;
  /** Called once for each session that is none here any more, whoever ended it. */
  readonly onEnd: (session: Session, end: SessionEnd) => void;
  /** Called now and then for each that has something open: it is not silent, though nothing may be asked. @default nobody is told */
  readonly onOpen?: (session: Session) => void;
}

/** How often silent ones are looked for while one may be silent, at least, and the longest pause in between, in milliseconds. */
const SWEEPS = 10;
const LONGEST_PAUSE_MS = 60_000;

/** The clients that are connected now. Silent ones end after a while, or sooner when room is needed. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #options: SessionsOptions;
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#sweeper = setInterval(() => this.sweep(), Math.min(options.idleMs / SWEEPS, LONGEST_PAUSE_MS));
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  get all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** How long a silent session lasts, in milliseconds. */
  get idleMs(): number {
    return this.#options.idleMs;
  }

  /** The session of a client that stays, as long as it lasts. */
  of(peer: Peer): Session | undefined {
    const session = this.#sessions.get(peer.key);
    return session?.peer === peer ? session : undefined;
  }

  /** The session of this id, which does not count as used by it. */
  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** The session of this id, which counts as used now. */
  use(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session) session.lastUsedAt = this.#options.now();
    return session;
  }

  /**
   * Takes a session in, as used now; false where there is no room even after a silent session has been ended: the longest silent one of the same caller,
   * or where that has none, of the caller that has the most, if those are more. Nobody gets room from callers that have no more than it.
   */
  add(session: Session): boolean {
    if (this.#sessions.size >= this.#options.maxSessions && !this.#makeRoom(session.peer.caller.name)) return false;
    session.lastUsedAt = this.#options.now();
    this.#sessions.set(session.peer.key, session);
    return true;
  }

  /** One of what the session had open is no more: it is silent from now on at the earliest. False where it is no session here any more. */
  closed(session: Session): boolean {
    session.open--;
    session.lastUsedAt = this.#options.now();
    return this.#sessions.get(session.peer.key) === session;
  }

  /** The session has ended. */
  remove(id: string): void {
    const session = this.#sessions.get(id);
    if (session) this.#forget(session, 'ended');
  }

  /** What is live of it leaves; the session goes on elsewhere, or has ended there. */
  drop(id: string): void {
    const session = this.#sessions.get(id);
    if (session) this.#end(session, 'left');
  }

  /** The sessions to which a change of this server is of interest. */
  watching(upstream: Upstream): readonly Session[] {
    return this.all.filter(({ peer, endpoint }) =>
      endpoint.visibleTo(peer.caller).some((served) => served.upstream === upstream),
    );
  }

  /** Ends what has been silent for too long. */
  sweep(): void {
    const before = this.#options.now() - this.#options.idleMs;
    for (const session of this.all) {
      if (session.open > 0) {
        session.lastUsedAt = this.#options.now();
        this.#options.onOpen?.(session);
      } else if (session.lastUsedAt <= before) this.#end(session, 'silent');
    }
  }

  /** A policy or a guard has changed: what was granted before, and is kept for clients that come back, is given to nobody any more. */
  dropKept(): void {
    for (const session of this.all) session.dropKept?.();
  }

  /** Ends the connections that sessions' own streams are read on; their clients may come again. */
  cutStreams(): void {
    for (const session of this.all) session.cutStream?.();
  }

  /** Ends the sessions of which this is true. */
  endWhere(matches: (session: Session) => boolean): void {
    for (const session of this.all.filter(matches)) this.#end(session, 'ended');
  }

  /** Ends the longest silent of these sessions, so that another has room; answers its id, undefined where all are busy. */
  endSilent(ids: Iterable<string>): string | undefined {
    const sessions = [...ids].flatMap((id) => this.#sessions.get(id) ?? []);
    return this.#endSilent(sessions)?.peer.key;
  }

  closeAll(): void {
    clearInterval(this.#sweeper);
    for (const session of this.all) this.#end(session, 'left');
  }

  #makeRoom(caller: string): boolean {
    ceilingReached('sessions');
    const byCaller = Map.groupBy(this.#sessions.values(), ({ peer }) => peer.caller.name);
    const own = byCaller.get(caller) ?? [];
    if (this.#endSilent(own)) return true;
    const larger = [...byCaller.values()].filter(({ length }) => length > own.length);
    return larger.sort((one, other) => other.length - one.length).some((sessions) => this.#endSilent(sessions));
  }

  #endSilent(sessions: readonly Session[]): Session | undefined {
    let longest: Session | undefined;
    for (const session of sessions) {
      if (session.open === 0 && !(longest && longest.lastUsedAt <= session.lastUsedAt)) longest = session;
    }
    // It may be in use elsewhere.
    if (longest) this.#end(longest, 'silent');
    return longest;
  }

  #end(session: Session, end: SessionEnd): void {
    this.#forget(session, end);
    session.close();
  }

  #forget(session: Session, end: SessionEnd): void {
    this.#sessions.delete(session.peer.key);
    this.#options.onEnd(session, end);
  }
}
