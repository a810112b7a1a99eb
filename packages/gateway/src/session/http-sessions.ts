import { randomUUID } from 'node:crypto';
import type { Endpoint } from '../call/endpoint.ts';
import type { Pipeline } from '../call/pipeline.ts';
import type { Logger } from '../logger.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Hello } from '../protocol/introduction.ts';
import { type Caller, isSameCaller, type Peer } from '../protocol/peer.ts';
import { toByteText } from '../replicas/replica-message.ts';
import type { Replicas } from '../replicas/replicas.ts';
import { Records } from '../state/records.ts';
import { type SessionRecord, sessionRecords } from '../state/session-record.ts';
import type { ChannelListener, StateStore } from '../state/state-store.ts';
import { EarlyCancellations } from './early-cancellations.ts';
import { HttpSession } from './http-session.ts';
import { subscribeAgain, withSubscription } from './kept-subscriptions.ts';
import { hearOfSessions } from './session-news.ts';
import type { Session, SessionEnd, Sessions } from './sessions.ts';
import { StreamLogRoom } from './stream-log-room.ts';

export interface HttpSessionsOptions {
  readonly sessions: Sessions;
  readonly store: StateStore;
  readonly pipeline: Pipeline;
  readonly replicas: Replicas;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
  /** What is kept of a session beside its record has to outlive it: called each time before the record is given a new life. */
  readonly renewLabels: (peer: Peer) => Promise<void>;
}

/** Where gateways that share sessions tell each other which have ended. */
const ENDED_CHANNEL = 'session-ended';

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
  /** The life of the store in which each came here. */
  readonly #livesAt = new WeakMap<HttpSession, number>();
  #listening: Promise<unknown> | undefined;
  readonly #logRoom = new StreamLogRoom();
  readonly #early = new EarlyCancellations(() => performance.now());

  constructor(options: HttpSessionsOptions) {
    this.#options = options;
    this.#records = new Records(options.store, sessionRecords);
    hearOfSessions(options.replicas, options.sessions, this.#early);
    options.replicas.onGap(() => void this.#lookForEnded());
  }

  /**
   * Begins a session; undefined where there is no room.
   *
   * @throws GATEWAY_STATE
   */
  async begin(hello: Hello, caller: Caller, endpoint: Endpoint): Promise<HttpSession | undefined> {
    const { sessions, now, replicas, store } = this.#options;
    if (store.isShared) await this.#listen();
    const id = randomUUID();
    const session = this.#add(this.#attach(id, hello, caller, endpoint, undefined, replicas.name));
    if (!session) return undefined;
    this.#renewedAt.set(session, session.lastUsedAt);
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
      ...(replicas.name !== undefined && { attachedTo: replicas.name }),
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
    const live = this.#live(id);
    if (!live) return this.#reattach(id, caller, endpoint);
    if (!(live instanceof HttpSession) || live.endpoint !== endpoint || !isSameCaller(live.caller, caller))
      return undefined;
    this.#renew(id, live);
    return live;
  }

  /**
   * Ends a session from its client's side. Where its record stays, it would go on at every gateway: then it has not ended here either.
   *
   * @throws GATEWAY_STATE
   */
  async end(session: HttpSession): Promise<void> {
    const { key } = session.peer;
    await this.#records.delete([key]);
    this.#options.sessions.remove(key);
    session.close();
    await this.#forgotten(key);
  }

  /**
   * The gateway that was the session's home has ended: this one is it from now on, or another that came first.
   *
   * @throws GATEWAY_STATE
   */
  async moveHome(session: HttpSession, from: string | undefined): Promise<void> {
    const { replicas, sessions } = this.#options;
    const id = session.peer.key;
    const record = await this.#records.update(
      [id],
      (now) => (now && now.attachedTo === from ? { ...now, attachedTo: replicas.name } : now),
      sessions.idleMs,
    );
    session.moveTo(record?.attachedTo);
    if (!record) sessions.drop(id);
    if (!record || session.home === undefined || session.isAway) return;
    replicas.tellAll({ kind: 'home', session: id, home: session.home });
    subscribeAgain(session.client, record);
  }

  /** A session that has something open goes on, though nothing is asked in it. */
  isOpen(session: HttpSession): void {
    this.#renew(session.peer.key, session);
  }

  /** A request or a stream of a session has come to its end: what is silent now was not before. */
  closed(session: HttpSession): void {
    if (this.#options.sessions.closed(session)) this.#renew(session.peer.key, session);
  }

  /** Whether what is no session here any more is over for everybody, which forgets its record; where others share it, that is asked. */
  isOver(id: string, end: SessionEnd): boolean | Promise<boolean> {
    if (end === 'ended' || !this.#options.store.isShared) {
      void this.#forgotten(id);
      return true;
    }
    // Its record lives as long as anybody uses it; where that cannot be told, it has an end of its own.
    return end === 'left'
      ? false
      : this.#records.has([id]).then(
          (goesOn) => !goesOn,
          () => false,
        );
  }

  /** The session of a record whose live part is not here: its process has gone, or let it go. */
  async #reattach(id: string, caller: Caller, endpoint: Endpoint): Promise<HttpSession | undefined> {
    if (this.#options.store.isShared) await this.#listen();
    const record = await this.#records.get([id]);
    const live = this.#live(id);
    if (live instanceof HttpSession) return this.find(id, caller, endpoint);
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
    const session = this.#add(this.#attach(id, hello, asThen, endpoint, record.logLevel, record.attachedTo));
    if (!session) return undefined;
    this.#renew(id, session);
    if (!session.isAway) subscribeAgain(session.client, record);
    return session;
  }

  #add(session: HttpSession): HttpSession | undefined {
    const { sessions, store } = this.#options;
    if (sessions.add(session)) {
      this.#livesAt.set(session, store.lives);
      return session;
    }
    session.close();
    return undefined;
  }

  /** What lives here of a session. What came before the store lost its records has lost its own as well. */
  #live(id: string): Session | undefined {
    const { sessions, store } = this.#options;
    const live = sessions.use(id);
    if (!(live instanceof HttpSession) || this.#livesAt.get(live) === store.lives) return live;
    sessions.drop(id);
    return undefined;
  }

  #attach(
    id: string,
    hello: Hello,
    caller: Caller,
    endpoint: Endpoint,
    logLevel: string | undefined,
    home: string | undefined,
  ): HttpSession {
    const { pipeline, replicas } = this.#options;
    const onLogLevel = (level: string): void => {
      const change = (record: SessionRecord | undefined) => record && { ...record, logLevel: level };
      void this.#records.update([id], change, this.#options.sessions.idleMs).catch((error) => this.#failed(error));
      if (replicas.name !== undefined) replicas.tellAll({ kind: 'level', from: replicas.name, session: id, level });
    };
    const session: HttpSession = new HttpSession({
      id,
      caller,
      hello,
      endpoint,
      pipeline,
      onLogLevel,
      logRoom: this.#logRoom,
      replica: replicas.name,
      home,
      early: this.#early,
      onCancelled: (params) =>
        replicas.tellAllSurely({ kind: 'cancelled', session: id, params: toByteText(params.toBytes()) }),
      noteSubscription: replicas.name === undefined ? undefined : (uri, isOn) => this.#noteSubscription(id, uri, isOn),
      sendHome: (frame, isOptional) => {
        if (session.home === undefined) return;
        const bytes = toByteText(Buffer.concat(frame));
        replicas.tellSurely(session.home, { kind: 'frame', session: id, frame: bytes, isOptional });
      },
      ...(logLevel !== undefined && { logLevel }),
    });
    return session;
  }

  async #noteSubscription(id: string, uri: string, isOn: boolean): Promise<void> {
    const { replicas, sessions } = this.#options;
    const change = (record: SessionRecord | undefined) => record && withSubscription(record, uri, isOn);
    const home = (await this.#records.update([id], change, sessions.idleMs))?.attachedTo;
    // Whoever became its home meanwhile has read the record without it.
    if (home !== undefined && home !== replicas.name)
      replicas.tellSurely(home, { kind: 'subscription', session: id, uri, isOn });
  }

  /** A record lives on while its session is used, wherever that is: it is told of the first request here, and then of some. */
  #renew(id: string, session: HttpSession): void {
    const { idleMs } = this.#options.sessions;
    const before = this.#renewedAt.get(session) ?? Number.NEGATIVE_INFINITY;
    if (session.lastUsedAt - before < idleMs * RENEWED_AFTER) return;
    this.#renewedAt.set(session, session.lastUsedAt);
    void this.#prolong(id, session, idleMs);
  }

  async #prolong(id: string, { peer }: HttpSession, idleMs: number): Promise<void> {
    const { sessions, store, renewLabels } = this.#options;
    try {
      await renewLabels(peer);
      const isThere = await this.#records.expire([id], idleMs);
      if (!isThere && store.isShared) sessions.drop(id);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #forgotten(id: string): Promise<void> {
    const { store } = this.#options;
    try {
      await this.#records.delete([id]);
      if (store.isShared) await store.publish(ENDED_CHANNEL, id);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** From the first session on it is heard which others have ended. */
  #listen(): Promise<unknown> {
    const { sessions, store, replicas } = this.#options;
    const listener: ChannelListener = {
      message: (id) => sessions.drop(String(id)),
      gap: () => void this.#lookForEnded(),
    };
    this.#listening ??= Promise.all([store.subscribe(ENDED_CHANNEL, listener), replicas.join()]).catch(
      (error: unknown) => {
        this.#listening = undefined;
        throw error;
      },
    );
    return this.#listening;
  }

  /** Which have ended, where the others are at home now, and what they want to be told. */
  async #lookForEnded(): Promise<void> {
    const { sessions } = this.#options;
    const all = sessions.all.filter((session) => session instanceof HttpSession);
    const look = async (session: HttpSession): Promise<void> => {
      const record = await this.#records.get([session.peer.key]);
      if (!record) return sessions.drop(session.peer.key);
      session.moveTo(record.attachedTo);
      if (record.logLevel !== undefined && record.logLevel !== session.peer.logLevel)
        await session.client.logLevelChosen(record.logLevel);
    };
    const looks = await Promise.allSettled(all.map(look));
    for (const { reason } of looks.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[])
      this.#failed(reason);
  }

  #failed(error: unknown): void {
    this.#options.logger.warn({ err: error }, 'the record of a session could not be changed in the state store');
  }
}
