import type { ListName, Offer } from '../catalog/offer.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Era } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Caller, Peer } from '../protocol/peer.ts';
import type { SaidLine } from './stderr-lines.ts';

/**
 * `needs login`: nothing is wrong with it; somebody has to log in to it. `not loaded`: it is a guest that cannot be loaded as it is; it is tried
 * again when its file is another.
 */
export type UpstreamState = 'starting' | 'running' | 'restarting' | 'not loaded' | 'needs login' | 'closed';

export interface UpstreamStatus {
  readonly name: string;
  readonly kind: 'plugin' | 'mcp';
  readonly state: UpstreamState;
  /** Since when it has been in this state, in milliseconds since 1970. */
  readonly since: number;
  readonly restarts: number;
  readonly tools: number;
  /** Why the last start failed or the last connection ended; while it is running, why there is a newer version that is not served. */
  readonly reason?: string | undefined;
}

/** What is known of an upstream beside its state, for people. */
export interface UpstreamFacts {
  /** What it spoke when it was last up. */
  readonly era?: Era | undefined;
  /** What its program wrote to stderr last, without secrets; absent where a guard decides on what it says. */
  readonly stderr?: readonly SaidLine[] | undefined;
}

/** What the gateway wants to hear from its servers. */
export interface UpstreamEvents {
  changed(upstream: Upstream, lists: readonly ListName[]): void;
  /** @param source - The connection that says so, as {@link Watch.source} names it. */
  resourceUpdated(upstream: Upstream, params: ObjectText, source: object): void;
  /** News for all clients of one caller that listen to them: they came on a connection of that caller alone. */
  toldCaller(upstream: Upstream, message: Message, caller: Caller): void;
  /**
   * A notification that belongs to no request of any client, or to one that cannot be told, such as a log message.
   *
   * @param caller - The name of the only caller whom it may concern; undefined where it is for all who may see the server.
   */
  notified(upstream: Upstream, message: Message, caller?: string): void;
  /** A notification on the connection of one client, which belongs to none of its requests that could be told. */
  told(upstream: Upstream, message: Message, peer: Peer): void;
  /** A question on the connection of one client, likewise. Rejects with what the server is told. */
  asked(upstream: Upstream, message: Message, peer: Peer, cancellation: Cancellation): Promise<ObjectText>;
  /** Whether it may be told what this client says of itself. */
  mayIntroduce(upstream: Upstream, peer: Peer): Promise<boolean>;
  /** It started, stopped, or is being restarted. */
  stateChanged(upstream: Upstream): void;
  /**
   * No more clients can have a connection of their own: ends the longest silent of these sessions and answers its key, or
   * undefined where none of them is silent.
   */
  crowded(sessions: Iterable<string>): string | undefined;
}

/** A resource that is watched for one client. */
export interface Watch {
  /** The connection on which its updates arrive; those of other connections are not for this client. */
  readonly source: object;
  release(): void;
}

/** Something that serves tools: a plugin, or an MCP server. */
export interface Upstream {
  readonly name: string;
  readonly kind: 'plugin' | 'mcp';
  status(): UpstreamStatus;
  /** The state of its status alone, for those who ask at every call. */
  readonly state: UpstreamState;
  facts(): UpstreamFacts;
  /** Begins to start it; returns at once. */
  start(): void;
  /** Resolves when the first start has succeeded or failed, whichever it is. */
  readonly settled: Promise<void>;
  /** What its author says is worth keeping of a tool's answers; absent where its kind cannot say so. */
  compactSpecs?(tool: string): readonly string[] | undefined;
  /**
   * What it offers to this client, or offered last while it is down. Never rejects.
   *
   * A connection may be opened to find out what it offers to this client beyond what it offers to all.
   *
   * @param isMeant - Whether this server is meant and not one of many, for which nobody waits long.
   */
  offer(peer: Peer, isMeant: boolean): Offer | Promise<Offer>;
  /** Whether its tools are told this caller only after a login; absent where its kind knows none. */
  hidesTools?(peer: Peer): boolean;
  /** What it is known to declare to clients of this era; undefined as long as nothing is known. Asks and opens nothing. */
  declared(era: Era): ObjectText | undefined;
  /** Whether requests of this client can come back with questions while they run (see {@link Exchange.ask}). */
  asksWhileRunning(peer: Peer): boolean;
  /** Sends one request and resolves to its result as the server wrote it. */
  request(message: Message, exchange: Exchange, cancellation: Cancellation): Promise<ObjectText>;
  /**
   * Begins to report updates of a resource, where this client's requests go.
   *
   * @throws the server's error when it refuses; GATEWAY_DEADLINE when it does not answer; the reason of the cancellation.
   */
  watch(uri: string, peer: Peer, cancellation: Cancellation): Promise<Watch>;
  /** Hands on a notification of a client, such as `notifications/roots/list_changed`. */
  forward(message: Message, peer: Peer): Promise<void>;
  /** The client has said which log messages it wants. A wish: it never fails. */
  logLevelChanged(peer: Peer): Promise<void>;
  /** The client has gone: ends what was kept for it alone. */
  forget(peer: Peer): void;
  /** Resolves when it runs, or the attempt to start it that is made or waited for has failed. @throws the reason of the cancellation. */
  tried?(cancellation: Cancellation): Promise<void>;
  /** Another version of it has been put in place from outside. */
  reloaded?(): Promise<void>;
  /**
   * What it is started from has changed: starts it anew beside what runs, which takes calls until the new one does, and then ends those that
   * it has. Resolves to whether the new one runs; absent where its kind has nothing that could change.
   *
   * @throws why the new one does not start; what runs goes on.
   */
  renew?(): Promise<boolean>;
  /** There is a newer version of it that cannot be served, for this reason. */
  refused?(reason: string): void;
  /** Lets another one be started in its place at once; what runs on it goes on until it is closed. */
  leave?(): void;
  close(): Promise<void>;
}
