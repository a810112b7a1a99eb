import { ALL_LISTS, EMPTY_OFFER, type Offer } from '../catalog/offer.ts';
import { isProgram } from '../config/servers-section.ts';
import { LoginNeededError, SessionExpiredError, UpstreamUnavailableError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Era } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import { paramHeaders } from '../protocol/param-headers.ts';
import { canBeAsked, type Peer } from '../protocol/peer.ts';
import { toolResultForLegacy } from '../protocol/structured-content.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import type { Connection } from './connection.ts';
import { FirstRoots } from './first-roots.ts';
import { FirstWaits, LISTS_WAIT_MS } from './first-waits.ts';
import { inTimeOr } from './in-time-or.ts';
import type { Lease } from './lease.ts';
import { LeftOut } from './left-out.ts';
import { legacyOffer } from './legacy-offer.ts';
import { LegacySide } from './legacy-side.ts';
import type { OwnIdentity } from './outbound-params.ts';
import { SharedConnection, type SharedConnectionOptions } from './shared-connection.ts';
import { StderrLines } from './stderr-lines.ts';
import { ToldState } from './told-state.ts';
import { ToolsByName } from './tools-by-name.ts';
import { underLease } from './under-lease.ts';
import type { Upstream, UpstreamEvents, UpstreamFacts, UpstreamState, UpstreamStatus, Watch } from './upstream.ts';
import { withAnswers } from './with-answers.ts';

type SharedParts = 'entry' | 'programs' | 'authorizer' | 'logger' | 'redact' | 'isGuarded' | 'random';

export interface McpUpstreamOptions extends OwnIdentity, Pick<SharedConnectionOptions, SharedParts> {
  readonly name: string;
  readonly events: UpstreamEvents;
  /** Milliseconds since 1970, for people. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
}

/** How long a client that chooses a log level waits for a server to say that it has taken it. */
const LEVEL_MS = 500;

/**
 * An MCP server behind the gateway. One supervised connection says what it offers and serves all clients of its era; where
 * the server speaks both eras, legacy clients are served by legacy connections, opened when the first of them asks.
 */
export class McpUpstream implements Upstream {
  readonly kind = 'mcp';
  readonly name: string;
  readonly #options: McpUpstreamOptions;
  readonly #base: SharedConnection;
  readonly #legacy: LegacySide;
  readonly #leftOut: LeftOut;
  readonly #firstRoots = new FirstRoots();
  readonly #firstWaits = new FirstWaits();
  readonly #stderr: StderrLines;
  readonly #tools = new ToolsByName();
  readonly #told: ToldState;

  constructor(options: McpUpstreamOptions) {
    this.#options = options;
    this.name = options.name;
    this.#told = new ToldState(options);
    this.#stderr = new StderrLines(this.name, options.logger, options.now);
    this.#leftOut = new LeftOut(this.name, options.logger);
    const { events } = options;
    const shared = {
      server: this.name,
      entry: options.entry,
      programs: options.programs,
      authorizer: options.authorizer,
      clientInfo: options.clientInfo,
      capabilities: options.capabilities,
      logger: options.logger,
      redact: options.redact,
      isGuarded: options.isGuarded,
      leftOut: this.#leftOut,
      now: options.monotonicNow,
      random: options.random,
      onChanged: (lists: Parameters<UpstreamEvents['changed']>[1]) => events.changed(this, lists),
      onUpdated: (params: ObjectText, source: object) => events.resourceUpdated(this, params, source),
      onStray: (message: Message, caller?: string) => events.notified(this, message, caller),
      onStderr: (text: string) => this.#stderr.add(text),
    };
    this.#base = new SharedConnection({
      ...shared,
      era: 'any',
      isAwaited: false,
      onState: (state, reason) => this.#onState(state, reason),
      onChanged: (lists) => {
        this.#legacy.clearOffers();
        events.changed(this, lists);
      },
    });
    this.#legacy = new LegacySide({
      ...shared,
      base: this.#base,
      endSilent: (sessions) => events.crowded(sessions),
      onToldCaller: (message, caller) => events.toldCaller(this, message, caller),
      onTold: (message, peer) => events.told(this, message, peer),
      mayIntroduce: (peer) => events.mayIntroduce(this, peer),
      onAsked: (message, peer, cancellation) => events.asked(this, message, peer, cancellation),
    });
  }

  get settled(): Promise<void> {
    return this.#base.settled;
  }

  get state(): UpstreamState {
    return this.#base.state;
  }

  status(): UpstreamStatus {
    const { state, restarts, offer } = this.#base;
    const { name, kind } = this;
    const { since, reason } = this.#told;
    return { name, kind, state, since, restarts, tools: offer.tools.length, reason };
  }

  facts(): UpstreamFacts {
    const isOfProgram = isProgram(this.#options.entry) && !this.#options.isGuarded();
    return { era: this.#base.knownEra, stderr: isOfProgram ? this.#stderr.last : undefined };
  }

  start(): void {
    this.#base.start();
  }

  offer(peer: Peer, isMeant: boolean): Offer | Promise<Offer> {
    const base = this.#base.current;
    if (this.#isComing) return this.#orSoon('base', () => this.settled.then(() => this.offer(peer, isMeant)), peer);
    if (!base) return this.#offerOf(peer, this.#base.offer);
    if (this.#needsPrivate(peer, base)) {
      const own = () => this.#legacy.privateOffer(peer).then((offer) => offer ?? this.#offerOf(peer, this.#base.offer));
      return isMeant || this.#legacy.hasOffer(peer) ? own() : this.#orSoon(`of ${peer.key}`, own, peer);
    }
    const shared = this.#isOnLegacySide(peer, base) ? this.#legacy.shared() : undefined;
    if (!shared) return this.#offerOf(peer, this.#base.offer);
    const own = shared.then((side) => (side?.hasBeenUp ? side.offer : legacyOffer(this.#base.offer, this.#leftOut)));
    return isMeant || this.#legacy.known ? own : this.#orSoon('legacy', () => own, peer);
  }

  declared(era: Era): ObjectText | undefined {
    const { offer } = (era === 'legacy' ? this.#legacy.known : undefined) ?? this.#base;
    return offer === EMPTY_OFFER ? undefined : offer.capabilities;
  }

  asksWhileRunning(peer: Peer): boolean {
    const base = this.#base.current;
    return base !== undefined && this.#needsPrivate(peer, base);
  }

  request(message: Message, exchange: Exchange, cancellation: Cancellation): Promise<ObjectText> {
    let sent: Promise<ObjectText>;
    try {
      const send = this.#isComing ? this.#again : this.#requestOnce;
      sent = send.call(this, message, exchange, cancellation);
    } catch (error) {
      return Promise.reject(error);
    }
    // Over a pipe there is no session that could expire.
    if (this.#options.entry.type === 'stdio') return sent;
    return sent.catch((error: unknown) => {
      if (!(error instanceof SessionExpiredError)) throw error;
      return this.#again(message, { ...exchange, isResent: true }, cancellation);
    });
  }

  /** A legacy client hears what is said on the connection that answers it; modern clients share the one that is always open. */
  async watch(uri: string, peer: Peer, cancellation: Cancellation): Promise<Watch> {
    const base = this.#base.current;
    if (!base) return this.#base.watch(uri, cancellation);
    if (peer.era === 'modern') {
      const watch = await this.#base.watch(uri, cancellation);
      if (!this.#needsPrivate(peer, base)) return watch;
      const forget = this.#legacy.watchWhereCalled(uri, peer);
      const release = (): void => {
        forget();
        watch.release();
      };
      return { source: watch.source, release };
    }
    const own = this.#needsPrivate(peer, base) ? await this.#legacy.watch(uri, peer, cancellation) : undefined;
    if (own) return own;
    const side = await this.#legacySideFor(peer, base, cancellation);
    return (side ?? this.#base).watch(uri, cancellation);
  }

  async forward(message: Message, peer: Peer): Promise<void> {
    await this.#legacy.forward(message, peer);
  }

  logLevelChanged(peer: Peer): Promise<void> {
    return inTimeOr(this.#setLogLevel(peer), LEVEL_MS, () => undefined);
  }

  /** There is another login, or none: what is open is opened anew. */
  reconnect(): void {
    this.#base.reconnect();
    this.#legacy.reconnect();
  }

  async renew(): Promise<boolean> {
    const isUp = await this.#base.renew();
    if (isUp) await this.#legacy.renew();
    return isUp;
  }

  refused(reason: string): void {
    this.#told.refused(reason, this.state);
  }

  async tried(cancellation: Cancellation): Promise<void> {
    await this.#base.next(cancellation);
    cancellation.throwIfCancelled();
  }

  forget(peer: Peer): void {
    this.#legacy.forget(peer);
    this.#base.logLevel.forget(peer);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#base.close(), this.#legacy.close()]);
  }

  /** A guest starts in a moment: nobody is refused who calls one whose entry has just changed. */
  get #isComing(): boolean {
    return this.#options.entry.type === 'wasm' && this.#base.state === 'starting';
  }

  /** Once it runs. In a new session what did not run in an old one may well succeed; others that are open may be as old. */
  async #again(message: Message, exchange: Exchange, cancellation: Cancellation): Promise<ObjectText> {
    await this.tried(cancellation);
    return await this.#requestOnce(message, exchange, cancellation, exchange.isResent);
  }

  async #setLogLevel(peer: Peer): Promise<void> {
    if (await this.#legacy.setLogLevel(peer)) return;
    await this.#base.logLevel.set(peer);
  }

  #requestOnce(message: Message, exchange: Exchange, cancellation: Cancellation, isFresh = false): Promise<ObjectText> {
    const { peer } = exchange;
    const base = this.#mustRun();
    const isElsewhere = this.#needsPrivate(peer, base) || this.#isOnLegacySide(peer, base);
    return isElsewhere
      ? this.#requestElsewhere(base, message, exchange, cancellation, isFresh)
      : this.#send(base, message, exchange, cancellation);
  }

  async #requestElsewhere(
    base: Connection,
    message: Message,
    exchange: Exchange,
    cancellation: Cancellation,
    isFresh: boolean,
  ): Promise<ObjectText> {
    const { peer } = exchange;
    if (this.#needsPrivate(peer, base)) {
      const lease = await this.#legacy.lease(peer, cancellation, isFresh);
      if (lease) {
        return this.#sendOn(lease, message, underLease(exchange, lease), cancellation).finally(lease.release);
      }
    }
    const side = await this.#legacySideFor(peer, base, cancellation);
    const connection = (isFresh ? await side?.next(cancellation) : side?.current) ?? base;
    return this.#send(connection, message, exchange, cancellation);
  }

  async #sendOn(
    { connection }: Lease,
    message: Message,
    exchange: Exchange,
    cancellation: Cancellation,
  ): Promise<ObjectText> {
    if (this.#firstRoots.isSettled(connection, exchange))
      return this.#send(connection, message, exchange, cancellation);
    await this.#firstRoots.settled(connection, exchange, cancellation);
    const result = await this.#send(connection, message, exchange, cancellation);
    this.#firstRoots.answered(connection);
    return result;
  }

  #send(connection: Connection, message: Message, exchange: Exchange, cancellation: Cancellation): Promise<ObjectText> {
    if (!connection.isModern) return connection.request(message, { cancellation, exchange });
    const { method, params } = message;
    const tool = method === 'tools/call' ? this.#tools.find(this.#base.offer, params?.text('name')) : undefined;
    const headers = paramHeaders(tool, params);
    const sent = { method, params: withAnswers(params, exchange) };
    const answer = connection.request(sent, { cancellation, exchange, headers });
    const isOlder = method === 'tools/call' && exchange.peer.era === 'legacy';
    return isOlder ? answer.then((result) => toolResultForLegacy(result, tool)) : answer;
  }

  /** A legacy server asks down the connection, so clients that it can ask have one of their own. */
  #needsPrivate(peer: Peer, base: Connection): boolean {
    if (!canBeAsked(peer)) return false;
    return !base.isModern || (peer.era === 'legacy' && this.#legacy.isSpoken);
  }

  /** Whether it is a legacy client of a server which also speaks the modern era. */
  #isOnLegacySide(peer: Peer, base: Connection): boolean {
    return base.isModern && peer.era === 'legacy' && this.#legacy.isSpoken;
  }

  /** The legacy connection that serves such a client. */
  #legacySideFor(
    peer: Peer,
    base: Connection,
    cancellation: Cancellation,
  ): Promise<SharedConnection | undefined> | undefined {
    return this.#isOnLegacySide(peer, base) ? unlessCancelled(cancellation, this.#legacy.shared()) : undefined;
  }

  /** What is offered to all, where it takes long to find out what is offered to this client: that is told as a change then. */
  #orSoon(of: string, own: () => Promise<Offer>, peer: Peer): Offer | Promise<Offer> {
    const shared = (): Offer => this.#offerOf(peer, this.#base.offer);
    return this.#firstWaits.once(of, LISTS_WAIT_MS, own, shared, () => this.#options.events.changed(this, ALL_LISTS));
  }

  #offerOf(peer: Peer, offer: Offer): Offer {
    return peer.era === 'legacy' && this.#base.current?.isModern ? legacyOffer(offer, this.#leftOut) : offer;
  }

  #mustRun(): Connection {
    const { current, state } = this.#base;
    if (current) return current;
    if (state === 'needs login') throw new LoginNeededError({ server: this.name, why: this.#told.reason ?? '' });
    const { reason } = this.#told;
    throw new UpstreamUnavailableError({ server: this.name, state, ...(reason !== undefined && { reason }) });
  }

  #onState(state: UpstreamState, reason: string | undefined): void {
    const { events } = this.#options;
    this.#told.entered(state, reason);
    if (state !== 'running') {
      this.#legacy.clearOffers();
      // The last offer stays, so that names still lead here and say why nothing answers.
      if (this.#base.offer !== EMPTY_OFFER) events.changed(this, ALL_LISTS);
    }
    events.stateChanged(this);
  }
}
