import type { Offer } from '../catalog/offer.ts';
import { isProgram, type ServerEntry } from '../config/servers-section.ts';
import { ConnectionLimitError } from '../errors.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { bareCapabilities, type Caller, type Peer } from '../protocol/peer.ts';
import { setLogLevel } from './base-log-level.ts';
import type { Connection } from './connection.ts';
import { LOGIN_CHANGED, RENEWED } from './end-reasons.ts';
import type { Lease } from './lease.ts';
import { openConnection } from './open-connection.ts';
import { PrivateConnections, type PrivateConnectionsOptions } from './private-connections.ts';
import { PrivateOffers } from './private-offers.ts';
import { PrivateWatches } from './private-watches.ts';
import { CHANGES } from './read-offer.ts';
import { SharedConnection, type SharedConnectionOptions } from './shared-connection.ts';
import type { Watch } from './upstream.ts';

export interface LegacySideOptions extends Omit<SharedConnectionOptions, 'era' | 'onState' | 'isAwaited'> {
  readonly entry: ServerEntry;
  /** The connection that is opened first, of whatever era the server prefers. */
  readonly base: SharedConnection;
  readonly endSilent: PrivateConnectionsOptions['endSilent'];
  /** News that came on a connection of a modern client, which hears them where it listens. */
  readonly onToldCaller: (message: Message, caller: Caller) => void;
  /** What is said and asked on a client's own connection, and belongs to none of its requests that could be told. */
  readonly onTold: (message: Message, peer: Peer) => void;
  /** Whether the server may be told what a client says of itself, beyond what it can be asked. */
  readonly mayIntroduce: (peer: Peer) => Promise<boolean>;
  readonly onAsked: (message: Message, peer: Peer, cancellation: Cancellation) => Promise<ObjectText>;
}

/** After a refusal legacy clients are served in the modern era for so long, twice as long after each more. */
const RETRY_MS = 60_000;
const MAX_RETRY_MS = 3_600_000;

/** The legacy connections to one server: one of its own for each client that can be asked, one shared by all others. */
export class LegacySide {
  readonly #options: LegacySideOptions;
  readonly #private: PrivateConnections;
  readonly #offers: PrivateOffers;
  readonly #watches: PrivateWatches;
  readonly #closing = new Cancellation();
  readonly #endings = new Set<Promise<void>>();
  #shared: SharedConnection | undefined;
  #opening: Promise<SharedConnection | undefined> | undefined;
  /** Clients for which a connection of their own could not be opened, and until when that is not tried again. */
  readonly #failedUntil = new Map<string, number>();
  #refusals = 0;
  #retryAt = 0;

  constructor(options: LegacySideOptions) {
    this.#options = options;
    this.#offers = new PrivateOffers(options.leftOut);
    const { server, endSilent, entry } = options;
    const open: PrivateConnectionsOptions['open'] = (peer, isAwaited) => this.#openInTurn(peer, isAwaited);
    this.#private = new PrivateConnections({ server, isProgram: isProgram(entry), open, endSilent });
    const limit = { server, timeoutMs: entry.callTimeoutMs };
    this.#watches = new PrivateWatches(this.#private, limit, (error) => this.#onError(error));
  }

  /** Whether the server speaks the legacy era, as far as is known. */
  get isSpoken(): boolean {
    return this.#refusals === 0 || this.#options.now() >= this.#retryAt;
  }

  /** The shared connection, opened at its first use; undefined where the server does not speak the legacy era. */
  shared(): Promise<SharedConnection | undefined> {
    this.#opening ??= this.#openShared();
    return this.#opening;
  }

  /** The shared connection, once it has been up. */
  get known(): SharedConnection | undefined {
    return this.#shared?.hasBeenUp ? this.#shared : undefined;
  }

  /** Whether it is known what is offered to this client. */
  hasOffer(peer: Peer): boolean {
    return this.#offers.has(peer);
  }

  /** What the server offers to a client that it can ask; undefined where it can only be asked in the modern era. */
  async privateOffer(peer: Peer): Promise<Offer | undefined> {
    if (this.#hasFailed(peer)) return undefined;
    return this.#offers.of(peer, this.#private).catch((error: Error) => this.#failed(error, peer));
  }

  /** A connection of this client's own; undefined where there can be none, and the modern era is there instead. */
  async lease(peer: Peer, cancellation: Cancellation, isFresh = false): Promise<Lease | undefined> {
    if (this.#hasFailed(peer)) return undefined;
    try {
      return await this.#private.lease(peer, cancellation, isFresh);
    } catch (error) {
      if (cancellation.cancelled || !this.#options.base.current?.isModern) throw error;
      return this.#failed(error as Error, peer);
    }
  }

  /** Watches a resource on the client's own connection; undefined where there can be none. */
  async watch(uri: string, peer: Peer, cancellation: Cancellation): Promise<Watch | undefined> {
    const lease = await this.lease(peer, cancellation);
    return lease && this.#watches.add(uri, peer, lease.connection, cancellation);
  }

  /**
   * Watches a resource wherever requests of a modern client are sent from now on, too: some servers tell of a change only
   * the session whose call has made it.
   */
  watchWhereCalled(uri: string, peer: Peer): () => void {
    const forget = this.#watches.note(uri, peer);
    this.#private.endFree(peer);
    return forget;
  }

  /** Hands a notification of a client to its own connection, if it has one. */
  async forward(message: Message, peer: Peer): Promise<void> {
    const connection = await this.#private.existing(peer);
    connection?.notify(message);
  }

  /** True where the client has a connection of its own, or shares the legacy one. */
  async setLogLevel(peer: Peer): Promise<boolean> {
    const connection = await this.#private.existing(peer)?.catch(() => undefined);
    if (connection) await this.#setLevel(connection, peer);
    else if (this.#shared && peer.era === 'legacy') await this.#shared.logLevel.set(peer);
    else return false;
    return true;
  }

  /** The lists have changed for everybody. */
  clearOffers(): void {
    this.#offers.clear();
  }

  /** Each connection is opened anew when it is needed next. */
  reconnect(): void {
    this.#private.retireAll(LOGIN_CHANGED);
    this.#failedUntil.clear();
    this.#shared?.reconnect();
  }

  /** There is a new version of the server: what is called next is called there. */
  async renew(): Promise<void> {
    this.#private.retireAll(RENEWED);
    this.#failedUntil.clear();
    await this.#shared?.renew().catch((error: Error) => this.#onError(error));
  }

  forget(peer: Peer): void {
    this.#private.forget(peer);
    this.#offers.forget(peer);
    this.#watches.forget(peer);
    this.#failedUntil.delete(peer.key);
    this.#shared?.logLevel.forget(peer);
  }

  async close(): Promise<void> {
    this.#closing.cancel(new Error('the gateway no longer serves it'));
    await Promise.allSettled([this.#private.closeAll(), this.#shared?.close(), ...this.#endings]);
  }

  async #openShared(): Promise<SharedConnection | undefined> {
    let isRefused = false;
    const onRefusedEra = (): void => {
      isRefused = true;
      this.#refused();
    };
    const shared = new SharedConnection({
      ...this.#options,
      era: 'legacy',
      isAwaited: true,
      onState: () => {},
      onRefusedEra,
    });
    this.#shared = shared;
    shared.start();
    await shared.settled;
    // One that has failed otherwise is tried again by itself, and is there when it comes up.
    return isRefused ? undefined : shared;
  }

  #openInTurn(peer: Peer, isAwaited: () => boolean): Promise<Connection> {
    const { entry, programs } = this.#options;
    const open = (): Promise<Connection> => this.#openPrivate(peer);
    return isProgram(entry) ? programs.inTurn(open, { cancellation: this.#closing, isAwaited }) : open();
  }

  async #openPrivate(peer: Peer): Promise<Connection> {
    const { server, entry, programs, authorizer, clientInfo, redact, isGuarded, onTold, onAsked, mayIntroduce } =
      this.#options;
    const mayTell = await mayIntroduce(peer);
    const connection = await openConnection({
      server,
      entry,
      programs,
      authorizer,
      clientInfo: (mayTell ? peer.clientInfo : undefined) ?? clientInfo,
      capabilities: mayTell ? peer.capabilities : bareCapabilities(peer),
      era: 'legacy',
      cancellation: this.#closing,
      onNews: (message) => this.#onNews(message, peer),
      onStray: (message) => onTold(message, peer),
      onRefusedEra: () => this.#refused(),
      redact,
      isGuarded,
      ask: (message, asking) => onAsked(message, peer, asking),
      onError: (error) => this.#onError(error),
      onStderr: this.#options.onStderr,
      onEnding: (ending) => {
        this.#endings.add(ending);
        void ending.then(() => this.#endings.delete(ending));
      },
    });
    this.#refusals = 0;
    // A wish: a server that does not answer it keeps no request waiting.
    void this.#setLevel(connection, peer);
    void this.#watches.renew(peer, connection);
    return connection;
  }

  #onNews(message: Message, peer: Peer): void {
    if (CHANGES.has(message.method)) this.#offers.changed(peer);
    if (peer.era === 'legacy') this.#options.onTold(message, peer);
    else this.#options.onToldCaller(message, peer.caller);
  }

  async #setLevel(connection: Connection, { logLevel }: Peer): Promise<void> {
    if (logLevel !== undefined) await setLogLevel(connection, logLevel, (error) => this.#onError(error));
  }

  /** Whether a connection for this client could not be opened a moment ago, and the modern era is there instead. */
  #hasFailed(peer: Peer): boolean {
    const { now, base } = this.#options;
    return base.current?.isModern === true && now() < (this.#failedUntil.get(peer.key) ?? 0);
  }

  /** What fails for one client says nothing of the server; a client too many says nothing of anything. */
  #failed(error: Error, peer: Peer): undefined {
    this.#onError(error);
    if (!(error instanceof ConnectionLimitError)) this.#failedUntil.set(peer.key, this.#options.now() + RETRY_MS);
  }

  /** The server has said that it does not speak the legacy era. */
  #refused(): void {
    if (!this.#options.base.current?.isModern) return;
    this.#retryAt = this.#options.now() + Math.min(RETRY_MS * 2 ** this.#refusals, MAX_RETRY_MS);
    this.#refusals++;
    void this.#shared?.close();
    this.#shared = undefined;
    this.#opening = undefined;
  }

  #onError(error: Error): void {
    const { server, logger } = this.#options;
    logger.debug({ server, error: error.message }, 'connection of one client reported an error');
  }
}
