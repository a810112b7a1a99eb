import { EMPTY_OFFER, type Offer } from '../catalog/offer.ts';
import { LoginNeededError, LoginRequiredError } from '../errors.ts';
import type { Credential } from '../login/credential.ts';
import { SHARED } from '../login/holder.ts';
import type { HolderOf, Logins } from '../login/logins.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Era } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Caller, Peer } from '../protocol/peer.ts';
import type { Authorizer } from '../transport/authorized-client.ts';
import { accountsState } from './accounts-state.ts';
import { askToLogIn, canOpenPages } from './ask-to-log-in.ts';
import { CONNECT_TOOL, connectOffer } from './connect-offer.ts';
import { LOGIN_CHANGED } from './end-reasons.ts';
import type { McpUpstream } from './mcp-upstream.ts';
import { mustBeServed, type WithheldTools } from './must-be-served.ts';
import { relayedEvents } from './relayed-events.ts';
import { settledSoon } from './settled-soon.ts';
import type { Upstream, UpstreamEvents, UpstreamFacts, UpstreamState, UpstreamStatus, Watch } from './upstream.ts';

/** How long a caller's own connections stay that it does not use, in milliseconds. */
const IDLE_MS = 1_800_000;
const SWEEP_MS = 300_000;

export interface LoginUpstreamOptions {
  readonly name: string;
  /** Whether each caller has a login of its own. */
  readonly isOwn: boolean;
  readonly logins: Logins;
  /** Whose a caller's own login is; undefined where nobody knows who it is. */
  readonly holderOf: HolderOf;
  /** An address at which this caller may log in; undefined where the gateway has none. */
  readonly linkFor: (server: string, holder: string, caller: Caller) => Promise<string | undefined>;
  readonly pins: WithheldTools;
  /** Makes the server with one credential. */
  readonly open: (authorizer: Authorizer, events: UpstreamEvents) => McpUpstream;
  readonly events: UpstreamEvents;
  /** Milliseconds since 1970, for people. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
}

interface Account {
  readonly holder: string;
  readonly upstream: McpUpstream;
  readonly credential: Credential;
  /** What it offered when it was last up. */
  lastOffer: Offer;
  usedAt: number;
  running: number;
}

/**
 * A server over HTTP that may want a login: one set of connections for all callers, or one for each, so that no caller's requests ever travel with
 * another's login. Who has to log in is told where, and what was known of the server's tools stays.
 */
export class LoginUpstream implements Upstream {
  readonly kind = 'mcp';
  readonly name: string;
  readonly #options: LoginUpstreamOptions;
  readonly #accounts = new Map<string, Account>();
  readonly #connect: Offer;
  readonly #stopHearing: () => void;
  #sweeping: NodeJS.Timeout | undefined;
  readonly #since: number;
  #isClosed = false;

  constructor(options: LoginUpstreamOptions) {
    this.#options = options;
    this.name = options.name;
    this.#since = options.now();
    this.#connect = connectOffer(options.name);
    this.#stopHearing = options.logins.onChanged((server, holder) => {
      if (server === this.name) this.#accounts.get(holder)?.upstream.reconnect();
    });
  }

  get settled(): Promise<void> {
    return this.#shared?.upstream.settled ?? Promise.resolve();
  }

  get state(): UpstreamState {
    return this.#shared ? this.#shared.upstream.state : this.status().state;
  }

  status(): UpstreamStatus {
    if (this.#shared) {
      const status = this.#shared.upstream.status();
      return { ...status, tools: status.state === 'needs login' ? this.#offerOf(this.#shared).length : status.tools };
    }
    const all = [...this.#accounts.values()].map(({ upstream }) => upstream.status());
    const tools = Math.max(0, ...all.map((status) => status.tools));
    const restarts = all.reduce((sum, status) => sum + status.restarts, 0);
    const { name, kind } = this;
    const { state, reason } = accountsState(all);
    return { name, kind, state: this.#isClosed ? 'closed' : state, since: this.#since, restarts, tools, reason };
  }

  facts(): UpstreamFacts {
    const [first] = this.#accounts.values();
    return first?.upstream.facts() ?? {};
  }

  start(): void {
    if (!this.#options.isOwn) this.#open(SHARED);
    else this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  offer(peer: Peer, isMeant: boolean): Offer | Promise<Offer> {
    const account = this.#accountOf(peer.caller);
    if (!account) return this.#options.isOwn ? this.#connect : EMPTY_OFFER;
    const isFirst = this.#options.isOwn && account.upstream.state === 'starting';
    const known = isFirst
      ? settledSoon(account.upstream).then(() => account.upstream.offer(peer, isMeant))
      : account.upstream.offer(peer, isMeant);
    return known instanceof Promise
      ? known.then((offer) => this.#orConnect(account, offer))
      : this.#orConnect(account, known);
  }

  hidesTools({ caller }: Peer): boolean {
    const account = this.#accountOf(caller);
    if (!account) return this.#options.isOwn;
    return account.lastOffer === EMPTY_OFFER && (this.#isNeeded(account) || this.#isComing(account));
  }

  declared(era: Era): ObjectText | undefined {
    for (const { upstream } of this.#accounts.values()) {
      const declared = upstream.declared(era);
      if (declared) return declared;
    }
    return undefined;
  }

  asksWhileRunning(peer: Peer): boolean {
    const account = this.#accountOf(peer.caller);
    if (!account) return false;
    return account.upstream.asksWhileRunning(peer) || (this.#isNeeded(account) && canOpenPages(peer));
  }

  request(message: Message, exchange: Exchange, cancellation: Cancellation): Promise<ObjectText> {
    const account = this.#accountOf(exchange.peer.caller);
    if (!account) return Promise.reject(this.#nobody());
    if (this.#isComing(account)) return this.#onceTried(account, message, exchange, cancellation);
    return this.#send(account, message, exchange, cancellation);
  }

  async watch(uri: string, peer: Peer, cancellation: Cancellation): Promise<Watch> {
    const account = this.#accountOf(peer.caller);
    if (!account) throw this.#nobody();
    return account.upstream.watch(uri, peer, cancellation);
  }

  async forward(message: Message, peer: Peer): Promise<void> {
    await this.#known(peer.caller)?.upstream.forward(message, peer);
  }

  async logLevelChanged(peer: Peer): Promise<void> {
    await this.#known(peer.caller)?.upstream.logLevelChanged(peer);
  }

  forget(peer: Peer): void {
    this.#known(peer.caller)?.upstream.forget(peer);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#sweeping);
    this.#stopHearing();
    await Promise.allSettled([...this.#accounts.values()].map(({ upstream }) => upstream.close()));
  }

  get #shared(): Account | undefined {
    return this.#options.isOwn ? undefined : this.#accounts.values().next().value;
  }

  /** Whether the first attempt is being made for this caller, or the one after a login. */
  #isComing({ upstream, credential }: Account): boolean {
    const { state } = upstream;
    if (state === 'running') return false;
    if (state === 'starting') return this.#options.isOwn;
    return upstream.status().reason === LOGIN_CHANGED || (state === 'needs login' && !credential.isNeeded);
  }

  async #onceTried(
    account: Account,
    message: Message,
    exchange: Exchange,
    cancellation: Cancellation,
  ): Promise<ObjectText> {
    await account.upstream.tried(cancellation);
    await this.#mustBeServed(account, message, exchange);
    return this.#send(account, message, exchange, cancellation);
  }

  #send(account: Account, message: Message, exchange: Exchange, cancellation: Cancellation): Promise<ObjectText> {
    if (this.#options.isOwn) account.usedAt = this.#options.monotonicNow();
    account.running++;
    const sent = this.#isConnect(account, message)
      ? this.#connectAnswer(account, exchange, cancellation)
      : account.upstream.request(message, exchange, cancellation);
    return sent.then(
      (result) => {
        account.running--;
        return result;
      },
      (error: unknown) => {
        const isToLogIn = error instanceof LoginNeededError;
        const more = isToLogIn ? this.#again(account, message, exchange, cancellation) : Promise.reject(error);
        return more.finally(() => void account.running--);
      },
    );
  }

  /** Sends it again where somebody has logged in meanwhile. @throws GATEWAY_LOGIN_REQUIRED, with the address, where nobody has. */
  async #again(
    account: Account,
    message: Message,
    exchange: Exchange,
    cancellation: Cancellation,
  ): Promise<ObjectText> {
    const { upstream } = account;
    if (!(await this.#isElsewhere(account))) await this.#loggedIn(account, exchange, cancellation);
    if (this.#isNeeded(account)) await upstream.tried(cancellation);
    await this.#mustBeServed(account, message, exchange);
    try {
      return await upstream.request(message, exchange, cancellation);
    } catch (error) {
      if (!(error instanceof LoginNeededError)) throw error;
      throw this.#error(await this.#options.linkFor(this.name, account.holder, exchange.peer.caller));
    }
  }

  /** A call that has waited for a login was let through before it was known what there is. */
  async #mustBeServed({ upstream }: Account, message: Message, { peer }: Exchange): Promise<void> {
    if (upstream.state !== 'running') return;
    await mustBeServed(this.name, await this.offer(peer, true), message, this.#options.pins);
  }

  /** Whether another process has logged in, so that the server is to be tried again now. */
  async #isElsewhere(account: Account): Promise<boolean> {
    if (!this.#isNeeded(account)) return false;
    try {
      await account.credential.headers();
    } catch {
      return false;
    }
    account.upstream.reconnect();
    return true;
  }

  /** @throws GATEWAY_LOGIN_REQUIRED, with the address, where nobody logs in. */
  async #loggedIn({ holder }: Account, exchange: Exchange, cancellation: Cancellation): Promise<void> {
    const { logins, linkFor } = this.#options;
    const link = await linkFor(this.name, holder, exchange.peer.caller);
    const isMade = link !== undefined && logins.isOfPeople(this.name);
    if (isMade && (await askToLogIn({ server: this.name, holder, link, logins, exchange, cancellation }))) return;
    throw this.#error(link);
  }

  #error(link: string | undefined): LoginRequiredError {
    const server = this.name;
    if (!this.#options.logins.isOfPeople(server)) {
      return new LoginRequiredError({ server, otherwise: 'come in with a token that it can be exchanged for' });
    }
    return new LoginRequiredError({ server, ...(link !== undefined && { link }) });
  }

  /** The tool that says what is missing: asks the client to have its user log in, or says where. */
  async #connectAnswer(account: Account, exchange: Exchange, cancellation: Cancellation): Promise<ObjectText> {
    const text = await this.#loggedIn(account, exchange, cancellation).then(
      () => `You are logged in to "${this.name}": its tools are in the list now.`,
      (error: unknown) => {
        if (error instanceof LoginRequiredError) return error.message;
        throw error;
      },
    );
    return ObjectText.from({ content: [{ type: 'text', text }] });
  }

  #isConnect(account: Account, { method, params }: Message): boolean {
    return (
      method === 'tools/call' &&
      params?.text('name') === CONNECT_TOOL &&
      this.#isNeeded(account) &&
      account.lastOffer === EMPTY_OFFER
    );
  }

  #isNeeded({ upstream }: Account): boolean {
    return upstream.state === 'needs login';
  }

  /** What it offered last, where it wants a login; of one of which nothing is known, a way to say so. */
  #orConnect(account: Account, offer: Offer): Offer {
    if (offer !== EMPTY_OFFER) {
      account.lastOffer = offer;
      return offer;
    }
    return account.lastOffer === EMPTY_OFFER && this.#isNeeded(account) ? this.#connect : account.lastOffer;
  }

  #offerOf({ lastOffer }: Account): Offer['tools'] {
    return lastOffer === EMPTY_OFFER ? this.#connect.tools : lastOffer.tools;
  }

  #holderOf(caller: Caller): string | undefined {
    return this.#options.isOwn ? this.#options.holderOf(caller) : SHARED;
  }

  #known(caller: Caller): Account | undefined {
    const holder = this.#holderOf(caller);
    return holder === undefined ? undefined : this.#accounts.get(holder);
  }

  #accountOf(caller: Caller): Account | undefined {
    const holder = this.#holderOf(caller);
    if (holder === undefined) return undefined;
    return this.#accounts.get(holder) ?? (this.#isClosed ? undefined : this.#open(holder));
  }

  #open(holder: string): Account {
    const { logins, open, monotonicNow } = this.#options;
    const credential = logins.credential(this.name, holder);
    const upstream = open(credential, relayedEvents(this, this.#options));
    const account = { holder, upstream, credential, lastOffer: EMPTY_OFFER, usedAt: monotonicNow(), running: 0 };
    this.#accounts.set(holder, account);
    upstream.start();
    return account;
  }

  #nobody(): LoginRequiredError {
    const otherwise =
      'each caller logs in to it, and the gateway does not know who you are; come in with a key or a token ("gateway.auth")';
    return new LoginRequiredError({ server: this.name, otherwise });
  }

  /** Logins stay; only connections that nobody uses are closed. */
  #sweep(): void {
    const now = this.#options.monotonicNow();
    for (const [holder, { upstream, usedAt, running }] of this.#accounts) {
      if (running > 0 || now - usedAt < IDLE_MS) continue;
      this.#accounts.delete(holder);
      void upstream.close();
    }
  }
}
