import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../protocol/peer.ts';
import type { Role } from './api.ts';

/** When a session ends in any case, and when it is silent, in milliseconds. */
export const ABSOLUTE_MS: number = 12 * 3_600_000;
export const IDLE_MS: number = 3_600_000;
/** Sessions at once; another one ends the one that was silent longest. */
const MOST = 100;

/** Who has signed in, as composition finds it out anew at each request: rights go with the configuration. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
  /** Whose calls its calls are. */
  readonly caller: Caller;
}

export interface ConsoleSession {
  /** Stands for the session wherever it is a key; not the id that its cookie holds. */
  readonly key: string;
  readonly csrf: string;
  /** Who it is now; undefined where the right to sign in has gone. */
  readonly identity: () => Identity | undefined;
  /** Whose calls its calls are. */
  readonly caller: Caller;
  /** Of the clock that only goes up. */
  readonly endsAt: number;
  lastUsedAt: number;
}

export interface ConsoleSessionsOptions {
  /** Milliseconds that only go up. */
  readonly now: () => number;
  /** Told of each session that has ended. */
  readonly onEnd: (session: ConsoleSession) => void;
}

/** The sessions of the console, in memory: ids of 256 random bits that no client can choose, found by their digests. */
export class ConsoleSessions {
  readonly #options: ConsoleSessionsOptions;
  readonly #sessions = new Map<string, ConsoleSession>();

  constructor(options: ConsoleSessionsOptions) {
    this.#options = options;
  }

  /**
   * Begins one. What the client had before ends: an id that somebody else has planted is worth nothing after the sign-in.
   *
   * @param maxMs - How long what was signed in with is valid itself. @default without end
   * @returns the id for the cookie; undefined where nobody may come in by now.
   */
  begin(
    identity: ConsoleSession['identity'],
    before: string | undefined,
    maxMs: number = ABSOLUTE_MS,
  ): string | undefined {
    const caller = identity()?.caller;
    if (!caller || maxMs <= 0) return undefined;
    if (before !== undefined) this.end(before);
    this.#sweep();
    if (this.#sessions.size >= MOST) this.#endSilent();
    const id = randomBytes(32).toString('base64url');
    const now = this.#options.now();
    this.#sessions.set(digestOf(id), {
      key: `console:${randomBytes(12).toString('base64url')}`,
      csrf: randomBytes(32).toString('base64url'),
      identity,
      caller,
      endsAt: now + Math.min(ABSOLUTE_MS, maxMs),
      lastUsedAt: now,
    });
    return id;
  }

  /** The session of this id, which counts as used now, and who it is; undefined where it has ended. */
  use(id: string | undefined): { readonly session: ConsoleSession; readonly identity: Identity } | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(digestOf(id));
    const identity = session && this.identityOf(session);
    if (!session || !identity) {
      if (session && id !== undefined) this.end(id);
      return undefined;
    }
    session.lastUsedAt = this.#options.now();
    return { session, identity };
  }

  /** Who it is, as long as the session lasts; looking is no use of it. */
  identityOf(session: ConsoleSession): Identity | undefined {
    const now = this.#options.now();
    const isOver = now >= session.endsAt || now - session.lastUsedAt >= IDLE_MS;
    const isThere = [...this.#sessions.values()].includes(session);
    return isOver || !isThere ? undefined : session.identity();
  }

  end(id: string): void {
    this.#end(digestOf(id));
  }

  endAll(): void {
    for (const key of [...this.#sessions.keys()]) this.#end(key);
  }

  #end(key: string): void {
    const session = this.#sessions.get(key);
    if (!session) return;
    this.#sessions.delete(key);
    this.#options.onEnd(session);
  }

  #sweep(): void {
    for (const [key, session] of [...this.#sessions]) if (!this.identityOf(session)) this.#end(key);
  }

  #endSilent(): void {
    const [first] = [...this.#sessions].sort(([, one], [, other]) => one.lastUsedAt - other.lastUsedAt);
    if (first) this.#end(first[0]);
  }
}

/** Whether a header holds the session's token, told in a time that says nothing of it. */
export function isCsrfOf(session: ConsoleSession, given: string | string[] | undefined): boolean {
  if (typeof given !== 'string') return false;
  return timingSafeEqual(Buffer.from(digestOf(given)), Buffer.from(digestOf(session.csrf)));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
