import type { Implementation, PriorDiscovery } from '@modelcontextprotocol/client';
import type { ServerEntry } from '../config/servers-section.ts';
import { UpstreamUnavailableError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { BaseLogLevel } from './base-log-level.ts';
import { type Connection, nobodyToAsk } from './connection.ts';
import type { JsonObject, Message } from './message.ts';
import { openConnection } from './open-connection.ts';
import { paramHeaders } from './param-headers.ts';
import { canBeAsked, type Exchange, type Peer } from './peer.ts';
import { type Lease, PrivateConnections, type PrivateOwner } from './private-connections.ts';
import { PrivateOffers } from './private-offers.ts';
import { ALL_LISTS, CHANGES, readOffer } from './read-offer.ts';
import { Supervisor } from './supervisor.ts';
import {
  EMPTY_OFFER,
  type ListName,
  type Offer,
  type Upstream,
  type UpstreamEvents,
  type UpstreamStatus,
} from './upstream.ts';
import { WatchedResources } from './watched-resources.ts';

export interface McpUpstreamOptions {
  readonly name: string;
  readonly entry: ServerEntry;
  /** How the gateway introduces itself where it connects for nobody in particular. */
  readonly clientInfo: Implementation;
  readonly events: UpstreamEvents;
  readonly logger: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

/** News of the server itself; they are for everybody who watches, even if they come while somebody calls. */
const NEWS = /^notifications\/([^/]+\/list_changed|resources\/updated|tasks\/status)$/;

/**
 * An MCP server behind the gateway: one supervised connection that all clients share, and private ones for clients that
 * a server of the 2025 era could ask something.
 */
export class McpUpstream implements Upstream {
  readonly kind = 'mcp';
  readonly name: string;
  readonly #options: McpUpstreamOptions;
  readonly #supervisor: Supervisor<Connection>;
  readonly #private: PrivateConnections;
  readonly #privateOffers = new PrivateOffers();
  readonly #watched: WatchedResources;
  readonly #baseLogLevel: BaseLogLevel;
  readonly #closing = new AbortController();
  #offer: Offer = EMPTY_OFFER;
  #prior: PriorDiscovery | undefined;
  #since: number;
  #reason: string | undefined;

  constructor(options: McpUpstreamOptions) {
    this.#options = options;
    this.name = options.name;
    this.#since = options.now();
    this.#supervisor = new Supervisor<Connection>({
      open: (signal) => this.#openBase(signal),
      onState: (state, reason) => {
        this.#since = options.now();
        this.#reason = reason;
        const fields = { server: this.name, state, ...(reason !== undefined && { reason }) };
        if (state === 'restarting') options.logger.warn(fields, 'server is down; it is started again');
        else options.logger.info(fields, 'server changed state');
        if (state !== 'running') this.#down();
        options.events.stateChanged(this);
      },
      now: options.now,
      random: options.random,
    });
    this.#private = new PrivateConnections(this.name, (peer, owner) => this.#openPrivate(peer, owner));
    const onError = (error: Error): void => this.#onError(error);
    this.#watched = new WatchedResources(() => this.#supervisor.current, onError);
    this.#baseLogLevel = new BaseLogLevel(() => this.#supervisor.current);
  }

  get settled(): Promise<void> {
    return this.#supervisor.settled;
  }

  status(): UpstreamStatus {
    const { state, restarts } = this.#supervisor;
    const { name, kind } = this;
    return { name, kind, state, since: this.#since, restarts, tools: this.#offer.tools.length, reason: this.#reason };
  }

  start(): void {
    this.#supervisor.start();
  }

  offer(peer: Peer): Offer | Promise<Offer> {
    const base = this.#supervisor.current;
    if (!base || !this.#needsPrivate(peer, base)) return this.#offer;
    return this.#privateOffers.of(peer, this.#private).catch((error: Error) => {
      this.#onError(error);
      return this.#offer;
    });
  }

  asksWhileRunning(peer: Peer): boolean {
    const base = this.#supervisor.current;
    return base !== undefined && this.#needsPrivate(peer, base);
  }

  async request(message: Message, exchange: Exchange, signal: AbortSignal): Promise<JsonObject> {
    const lease = await this.#lease(exchange.peer);
    const { inputResponses, requestState } = exchange;
    const params = {
      ...message.params,
      ...(inputResponses !== undefined && { inputResponses }),
      ...(requestState !== undefined && { requestState }),
    };
    try {
      const headers = lease.connection.modern ? this.#headersOf(message) : undefined;
      return await lease.connection.request({ method: message.method, params }, signal, exchange, headers);
    } finally {
      lease.release();
    }
  }

  watch(uri: string): Promise<void> {
    return this.#watched.add(uri);
  }

  unwatch(uri: string): void {
    this.#watched.remove(uri);
  }

  async forward(message: Message, peer: Peer): Promise<void> {
    const connection = await this.#private.existing(peer);
    await connection?.notify(message);
  }

  async logLevelChanged(peer: Peer): Promise<void> {
    const connection = await this.#private.existing(peer);
    if (connection) await setLevel(connection, peer);
    else await this.#baseLogLevel.set(peer);
  }

  forget(peer: Peer): void {
    this.#private.forget(peer);
    this.#privateOffers.forget(peer);
    this.#baseLogLevel.forget(peer);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([this.#supervisor.close(), this.#private.closeAll()]);
  }

  /** A server of the 2026 era is told with each request who asks and answers in the request itself: all can share. */
  #needsPrivate(peer: Peer, base: Connection): boolean {
    return !base.modern && canBeAsked(peer.capabilities);
  }

  #headersOf({ method, params }: Message): Readonly<Record<string, string>> | undefined {
    if (method !== 'tools/call') return undefined;
    const tool = this.#offer.tools.find(({ name }) => name === params?.name);
    return paramHeaders(tool, params?.arguments);
  }

  async #lease(peer: Peer): Promise<Lease> {
    const base = this.#supervisor.current;
    if (!base) {
      const { state } = this.#supervisor;
      const facts = { server: this.name, state, ...(this.#reason !== undefined && { reason: this.#reason }) };
      throw new UpstreamUnavailableError(facts);
    }
    return this.#needsPrivate(peer, base) ? this.#private.lease(peer) : { connection: base, release: () => {} };
  }

  async #openBase(signal: AbortSignal): Promise<Connection> {
    const connection = await this.#open(
      signal,
      this.#options.clientInfo,
      {},
      {
        onNotification: (message, undecided) => this.#onNotification(message, undecided),
        ask: nobodyToAsk,
      },
    );
    try {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(this.#options.entry.connectTimeoutMs)]);
      this.#offer = await readOffer(connection, inTime);
    } catch (error) {
      await connection.close();
      throw error;
    }
    this.#prior = connection.prior;
    // What follows must see the connection as the current one, so it waits until the supervisor has taken it.
    queueMicrotask(() => void this.#greet(connection));
    return connection;
  }

  async #greet(connection: Connection): Promise<void> {
    this.#options.events.changed(this, ALL_LISTS);
    await Promise.allSettled([this.#watched.renew(), this.#baseLogLevel.renew(), this.#listen(connection)]);
  }

  /** Servers of the 2026 era report changes only to those who listen. */
  async #listen(connection: Connection): Promise<void> {
    const { tools, resources, prompts } = connection.capabilities;
    const filter = {
      ...(tools?.listChanged && { toolsListChanged: true }),
      ...(resources?.listChanged && { resourcesListChanged: true }),
      ...(prompts?.listChanged && { promptsListChanged: true }),
    };
    if (!connection.modern || Object.keys(filter).length === 0) return;
    const subscription = await connection.listen(filter);
    const end = await subscription.closed;
    if (end !== 'local') await connection.close();
  }

  #openPrivate(peer: Peer, owner: PrivateOwner): Promise<Connection> {
    return this.#open(this.#closing.signal, peer.clientInfo ?? this.#options.clientInfo, peer.capabilities, {
      ...owner,
      onNotification: (message, undecided) => {
        if (message.method in CHANGES) this.#privateOffers.changed(peer);
        owner.onNotification(message, undecided);
      },
    }).then(async (connection) => {
      if (peer.logLevel !== undefined) await setLevel(connection, peer);
      return connection;
    });
  }

  #open(signal: AbortSignal, clientInfo: Implementation, capabilities: Peer['capabilities'], owner: PrivateOwner) {
    const { name: server, entry, logger } = this.#options;
    return openConnection({
      server,
      entry,
      clientInfo,
      capabilities,
      prior: this.#prior,
      signal,
      onNotification: (message, exchange, undecided) =>
        exchange && !NEWS.test(message.method)
          ? void exchange.notify(message)
          : owner.onNotification(message, undecided),
      onStrayRequest: owner.ask,
      onError: (error) => this.#onError(error),
      onStderr: (text) => logger.debug({ server, text: text.trimEnd() }, 'server wrote to stderr'),
    });
  }

  #onNotification(message: Message, undecided: boolean): void {
    const lists = CHANGES[message.method];
    if (lists) void this.#readAgain(lists).catch((error: Error) => this.#onError(error));
    else if (message.method === 'notifications/resources/updated') {
      this.#options.events.resourceUpdated(this, message.params ?? {});
    } else if (!undecided) this.#options.events.notified(this, message);
  }

  async #readAgain(lists: readonly ListName[]): Promise<void> {
    const connection = this.#supervisor.current;
    if (!connection) return;
    const inTime = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#options.entry.callTimeoutMs)]);
    const offer = await readOffer(connection, inTime, lists, this.#offer);
    if (this.#supervisor.current !== connection) return;
    // Another list may have been read meanwhile: take only what was asked for.
    const read = Object.fromEntries(lists.map((list) => [list, offer[list]]));
    this.#offer = { ...this.#offer, ...read, beside: { ...this.#offer.beside, ...offer.beside } };
    this.#privateOffers.clear();
    this.#options.events.changed(this, lists);
  }

  /** The last offer stays, so that names still lead here and say why nothing answers. */
  #down(): void {
    this.#privateOffers.clear();
    if (this.#offer !== EMPTY_OFFER) this.#options.events.changed(this, ALL_LISTS);
  }

  #onError(error: Error): void {
    this.#options.logger.debug({ server: this.name, error: error.message }, 'server or connection reported an error');
  }
}

async function setLevel(connection: Connection, peer: Peer): Promise<void> {
  if (connection.capabilities.logging === undefined) return;
  await connection.request(
    { method: 'logging/setLevel', params: { level: peer.logLevel } },
    AbortSignal.timeout(60_000),
  );
}
