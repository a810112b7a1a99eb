import { randomUUID } from 'node:crypto';
import type { Endpoint } from '../call/endpoint.ts';
import type { Pipeline } from '../call/pipeline.ts';
import type { Logger } from '../logger.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Hello } from '../protocol/introduction.ts';
import { type Caller, isSameCaller } from '../protocol/peer.ts';
import { Records } from '../state/records.ts';
import { type SessionRecord, sessionRecords } from '../state/session-record.ts';
import type { StateStore } from '../state/state-store.ts';
import { HttpSession } from './http-session.ts';
import type { Sessions } from './sessions.ts';
import { StreamLogRoom } from './stream-log-room.ts';

export interface HttpSessionsOptions {
  readonly sessions: Sessions;
  readonly store: StateStore;
  readonly pipeline: Pipeline;
  /** Tells this process from others that share the store. */
  readonly process: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** How much of a record's life may pass before it is told that its session is still used. */
const RENEWED_AFTER = 0.1;

/**
 * Sessions over streamable HTTP. What must outlive a socket is a record of the state store; what is live of it is made from
 * the record where a request needs it.
 */
export class HttpSessions {
  readonly #options: HttpSessionsOptions;
  readonly #records: Records<SessionRecord>;
  readonly #renewedAt = new WeakMap<HttpSession, number>();
  readonly #logRoom = new StreamLogRoom();

  constructor(options: HttpSessionsOptions) {
    this.#options = options;
    this.#records = new Records(options.store, sessionRecords);
  }

  /**
   * Begins a session; undefined where there is no room.
   *
   * @throws GATEWAY_STATE
   */
  async begin(hello: Hello, caller: Caller, endpoint: Endpoint): Promise<HttpSession | undefined> {
    const { sessions, now, process } = this.#options;
    const id = randomUUID();
    const session = this.#add(this.#attach(id, hello, caller, endpoint, undefined));
    if (!session) return undefined;
    const at = now();
    const record: SessionRecord = {
      id,
      principal: caller.name,
      ...(caller.servers && { allowedServers: caller.servers }),
      ...(caller.roles && { roles: caller.roles }),
      ...(caller.profile && { profile: caller.profile }),
      ...(caller.discovery && { discovery: caller.discovery }),
      protocolVersion: hello.version,
      clientInfo: hello.clientInfo.toValue(),
      capabilities: hello.capabilities.toValue(),
      ...(endpoint.key !== undefined && { endpoint: endpoint.key }),
      createdAt: at,
      lastUsedAt: at,
      attachedTo: process,
    };
    try {
      await this.#records.put([id], record, sessions.idleMs);
    } catch (error) {
      sessions.remove(id);
      throw error;
    }
    return session;
  }

  /**
   * The session of this id. It belongs to the one who began it, with the rights of then, and to the endpoint it began at; to
   * others it does not exist.
   *
   * @throws GATEWAY_STATE
   */
  find(id: string, caller: Caller, endpoint: Endpoint): HttpSession | undefined | Promise<HttpSession | undefined> {
    const live = this.#options.sessions.use(id);
    if (!live) return this.#reattach(id, caller, endpoint);
    if (!(live instanceof HttpSession) || live.endpoint !== endpoint || !isSameCaller(live.caller, caller))
      return undefined;
    this.#renew(id, live);
    return live;
  }

  /** Ends a session from its client's side. */
  async end(session: HttpSession): Promise<void> {
    const { key } = session.peer;
    this.#options.sessions.remove(key);
    session.close();
    await this.#records.delete([key]).catch((error: unknown) => this.#failed(error));
  }

  /** The session of a record whose live part is not here: its process has gone, or let it go. */
  async #reattach(id: string, caller: Caller, endpoint: Endpoint): Promise<HttpSession | undefined> {
    const record = await this.#records.get([id]);
    if (!record || record.endpoint !== endpoint.key) return undefined;
    const owner = {
      name: record.principal,
      servers: record.allowedServers,
      roles: record.roles,
      profile: record.profile,
    };
    if (!isSameCaller(caller, owner)) return undefined;
    const hello: Hello = {
      version: record.protocolVersion,
      capabilities: ObjectText.from(record.capabilities),
      clientInfo: ObjectText.from(record.clientInfo ?? {}),
    };
    const asThen = { ...caller, discovery: record.discovery };
    return this.#add(this.#attach(id, hello, asThen, endpoint, record.logLevel));
  }

  #add(session: HttpSession): HttpSession | undefined {
    if (this.#options.sessions.add(session)) return session;
    session.close();
    return undefined;
  }

  #attach(id: string, hello: Hello, caller: Caller, endpoint: Endpoint, logLevel: string | undefined): HttpSession {
    const { pipeline } = this.#options;
    const onLogLevel = (level: string): void => {
      const change = (record: SessionRecord | undefined) => record && { ...record, logLevel: level };
      void this.#records.update([id], change, this.#options.sessions.idleMs).catch((error) => this.#failed(error));
    };
    return new HttpSession({
      id,
      caller,
      hello,
      endpoint,
      pipeline,
      onLogLevel,
      logRoom: this.#logRoom,
      ...(logLevel !== undefined && { logLevel }),
    });
  }

  /** A record lives on while its session is used; it is not told with every request. */
  #renew(id: string, session: HttpSession): void {
    const { idleMs } = this.#options.sessions;
    const before = this.#renewedAt.get(session);
    if (before === undefined) this.#renewedAt.set(session, session.lastUsedAt);
    if (before === undefined || session.lastUsedAt - before < idleMs * RENEWED_AFTER) return;
    this.#renewedAt.set(session, session.lastUsedAt);
    void this.#records.expire([id], idleMs).catch((error: unknown) => this.#failed(error));
  }

  /** Forgets the record of a session that the gateway has ended. */
  forget(id: string): void {
    void this.#records.delete([id]).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.#options.logger.warn({ err: error }, 'the record of a session could not be changed in the state store');
  }
}
