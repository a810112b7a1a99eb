import type { Dispatcher } from '../call/dispatcher.ts';
import type { Peer } from '../upstream/peer.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** One client that stays: a session over HTTP, or the one client of a pipe. */
export interface Session {
  readonly peer: Peer;
  readonly dispatcher: Dispatcher;
  /** Ends it from the gateway's side. */
  close(): Promise<void>;
  /** Its requests and streams that are open now; as long as there are some, no clock ends it. */
  open: number;
  lastUsedAt: number;
}

export interface SessionsOptions {
  readonly maxSessions: number;
  readonly idleMs: number;
  readonly now: () => number;
  /** Called once for each session that has ended, whoever ended it. */
  readonly onEnd: (session: Session) => void;
}

/** The clients that are connected now. Silent ones end after a while, or sooner when room is needed. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #options: SessionsOptions;
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#sweeper = setInterval(() => this.sweep(), Math.min(options.idleMs, 60_000));
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  get all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** The session of this id, which counts as used now. */
  use(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session) session.lastUsedAt = this.#options.now();
    return session;
  }

  /** Takes a session in; false where there is no room even after the longest silent one has been ended. */
  add(session: Session): boolean {
    if (this.#sessions.size >= this.#options.maxSessions && !this.#endLongestSilent()) return false;
    this.#sessions.set(session.peer.key, session);
    return true;
  }

  /** The session has ended. */
  remove(id: string): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#sessions.delete(id);
    this.#options.onEnd(session);
  }

  /** The sessions to which a change of this server is of interest. */
  watching(upstream: Upstream): readonly Session[] {
    return this.all.filter(({ peer, dispatcher }) =>
      dispatcher.endpoint.visibleTo(peer.caller).some((served) => served.upstream === upstream),
    );
  }

  /** Ends what has been silent for too long. */
  sweep(): void {
    const before = this.#options.now() - this.#options.idleMs;
    for (const session of this.all) if (session.open === 0 && session.lastUsedAt <= before) void this.#end(session);
  }

  /** Ends the sessions of which this is true. */
  async endWhere(matches: (session: Session) => boolean): Promise<void> {
    await Promise.allSettled(this.all.filter(matches).map((session) => this.#end(session)));
  }

  async closeAll(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.allSettled(this.all.map((session) => this.#end(session)));
  }

  #endLongestSilent(): boolean {
    const silent = this.all.filter((session) => session.open === 0).sort((a, b) => a.lastUsedAt - b.lastUsedAt);
    const [longest] = silent;
    if (!longest) return false;
    void this.#end(longest);
    return true;
  }

  #end(session: Session): Promise<void> {
    this.remove(session.peer.key);
    return session.close();
  }
}
