import type { Permission } from '../access/permission.ts';
import type { Permissions } from '../access/permissions.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { estimateTokens } from '../catalog/estimate-tokens.ts';
import { mayBeNamed } from '../catalog/may-be-named.ts';
import { giveNames, type NamingOptions } from '../catalog/naming.ts';
import { EMPTY_OFFER, type ListName, type Offer } from '../catalog/offer.ts';
import type { Discovery } from '../config/discovery.ts';
import type { Pins } from '../consent/pins.ts';
import { ToolWithheldError } from '../errors.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Introduction } from '../protocol/introduction.ts';
import { factsOf } from '../protocol/methods.ts';
import type { Caller, Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { silentPeer } from '../protocol/silent-peer.ts';
import { capabilitiesOf, hasOnlyTools } from './endpoint-capabilities.ts';
import { MadeCatalogs } from './made-catalogs.ts';
import type { Served, ServedList } from './served.ts';

/** How long a call waits at most while what it is for is replaced again and again, in milliseconds. */
const MOST_WAIT_MS = 60_000;

const FINDERS = {
  tool: (catalog: Catalog<Served>, name: string): boolean => catalog.tool(name) !== undefined,
  prompt: (catalog: Catalog<Served>, name: string): boolean => catalog.prompt(name) !== undefined,
  resource: (catalog: Catalog<Served>, uri: string): boolean => catalog.ownerOf(uri) !== undefined,
  template: (catalog: Catalog<Served>, uri: string): boolean => catalog.ownerOfTemplate(uri) !== undefined,
};

/** How clients find tools where nothing more specific says otherwise. */
export interface DiscoveryOptions {
  readonly discovery: Discovery;
  /** Tokens of a list above which `auto` means `search`. */
  readonly budgetTokens: number;
}

export interface EndpointOptions {
  /** The one server it serves; all when absent. */
  readonly server?: string;
  /** The name of the profile it serves; what is served otherwise when absent. */
  readonly profile?: string;
  readonly served: ServedList;
  readonly permissions: Permissions;
  readonly pins: Pins;
  readonly naming: NamingOptions;
  readonly info: ObjectText;
  /** Resolves when clients no longer wait for servers that are slow to start. */
  readonly startWindow: Promise<void>;
  /** Whether a guard decides on what a server says. */
  readonly isGuarded: (server: string) => boolean;
  /** Asked each time: it changes with the configuration. */
  readonly discovery: () => DiscoveryOptions;
}

/** A way in: all servers under one roof, or one server as it is. */
export class Endpoint {
  readonly server: string | undefined;
  readonly profile: string | undefined;
  readonly #options: EndpointOptions;
  readonly #catalogs = new MadeCatalogs();
  /** Of each list of all that a caller sees, the one server's. */
  readonly #ownOf = new WeakMap<readonly Served[], readonly Served[]>();

  constructor(options: EndpointOptions) {
    this.server = options.server;
    this.profile = options.profile;
    this.#options = options;
  }

  /** What a caller may use here. */
  permissionOf(caller: Caller): Permission {
    return this.#options.permissions.of(caller, this.profile);
  }

  /** Its name as `Endpoints.of` takes it; undefined for that of all. */
  get key(): string | undefined {
    return this.server ?? (this.profile === undefined ? undefined : `@${this.profile}`);
  }

  visibleTo(caller: Caller): readonly Served[] {
    const visible = this.#options.served.openedBy(this.permissionOf(caller));
    if (this.server === undefined) return visible;
    let own = this.#ownOf.get(visible);
    if (!own) {
      own = visible.filter(({ name }) => name === this.server);
      this.#ownOf.set(visible, own);
    }
    return own;
  }

  /** How a caller finds tools here: what its session asked for, else its credential, the endpoint, the gateway. */
  discoveryFor(caller: Caller): Discovery {
    const { discovery, served } = this.#options;
    const entry = this.server === undefined ? undefined : served.get(this.server);
    return caller.discovery ?? entry?.discovery ?? discovery().discovery;
  }

  /** Whether a change of the servers' tools may change what this caller is shown as tools. */
  listsTools(caller: Caller): boolean {
    return this.discoveryFor(caller) !== 'search';
  }

  /** Whether a client is shown the gateway's own tools in place of those of the servers. */
  async searches(peer: Peer): Promise<boolean> {
    const discovery = this.discoveryFor(peer.caller);
    return discovery === 'auto' ? this.searchesIn(await this.catalog(peer), peer.caller) : discovery === 'search';
  }

  /** The same where it is known what the client is offered. */
  searchesIn(catalog: Catalog<Served>, caller: Caller): boolean {
    const discovery = this.discoveryFor(caller);
    if (discovery !== 'auto') return discovery === 'search';
    return estimateTokens(catalog.list('tools')) > this.#options.discovery().budgetTokens;
  }

  /**
   * Whether an own tool of this name is what a call of it means. Under `auto` it is also where the list has become short again: a model has read of the
   * tool before, and no server has one of that name.
   */
  ownsTool(name: string, catalog: Catalog<Served>, caller: Caller): boolean {
    if (this.searchesIn(catalog, caller)) return true;
    return this.discoveryFor(caller) === 'auto' && catalog.tool(name) === undefined;
  }

  /** What the client sees now. Waits for servers that are about to start, unless they take too long. */
  catalog(peer: Peer): Catalog<Served> | Promise<Catalog<Served>> {
    return this.#catalogOnceStarted(peer);
  }

  /**
   * The same for who asks for one tool, prompt, resource or template: it waits for the plugin that may have it as long as that starts. Where its server is
   * known, those that cannot have that name are not waited for, and are not in it; nor are those that start where another lists that very address.
   */
  catalogFor(kind: keyof typeof FINDERS, asked: string, peer: Peer): Catalog<Served> | Promise<Catalog<Served>> {
    const catalog = this.catalog(peer);
    if (!(catalog instanceof Promise)) return catalog;
    const isKnown = FINDERS[kind];
    const isAddress = kind === 'resource' || kind === 'template';
    const name = isAddress ? '' : asked;
    const part = async (): Promise<Catalog<Served>> => this.#catalogOnceStarted(peer, name);
    const isPart = !isAddress && this.#ableTo(peer, name) !== this.visibleTo(peer.caller);
    const [first, second] = isPart ? [part(), () => catalog] : [catalog, part];
    const found = (): Promise<Catalog<Served>> => first.then((known) => (isKnown(known, asked) ? known : second()));
    return isAddress ? this.#catalogOfLister(asked, peer, found) : found();
  }

  /**
   * What those offer that stand before the first which starts, where one of them lists this address; else what is found: an address that
   * several list is the first one's.
   */
  async #catalogOfLister(address: string, peer: Peer, found: () => Promise<Catalog<Served>>): Promise<Catalog<Served>> {
    const all = this.visibleTo(peer.caller);
    const starting = all.findIndex(({ upstream }) => upstream.state === 'starting');
    const known = await this.#catalogNow(starting === -1 ? all : all.slice(0, starting), peer);
    return known.lists(address) ? known : found();
  }

  /**
   * The members next to a list's items (`_meta`, `ttlMs`): one server's as they are, or how long they hold where a guard would
   * have to see the rest; of several, what holds for all of them.
   *
   * @throws RpcError what the one server said instead of its list; without its words where a guard would have to see them.
   */
  async listMetadata(list: ListName, peer: Peer): Promise<ObjectText> {
    const offers = await Promise.all(this.visibleTo(peer.caller).map(({ upstream }) => this.#offer(upstream, peer)));
    const found = offers.map((offer) => offer.listMetadata[list]).filter((metadata) => metadata !== undefined);
    if (this.server !== undefined) {
      const error = offers[0]?.failed?.[list];
      // What stands beside a list may speak of all that is in it.
      const isGuarded = this.#options.isGuarded(this.server) || this.permissionOf(peer.caller).isPartial;
      if (error) throw isGuarded ? failedList(this.server) : error;
      const [metadata = ObjectText.EMPTY] = found;
      return isGuarded ? lifetimeOf(metadata) : metadata;
    }
    const lifetimes = found.map((metadata) => metadata.value('ttlMs'));
    const isKnown = lifetimes.length === offers.length && lifetimes.every((ttlMs) => typeof ttlMs === 'number');
    return isKnown && lifetimes.length > 0 && peer.era === 'modern'
      ? ObjectText.from({ ttlMs: Math.min(...(lifetimes as number[])) })
      : ObjectText.EMPTY;
  }

  /** Its name: the one server's own, or the gateway's. */
  infoFor(caller: Caller): ObjectText {
    if (this.server === undefined) return this.#options.info;
    const only = this.visibleTo(caller)[0];
    const offer = only?.upstream.offer(silentPeer('', caller), false);
    return (offer instanceof Promise ? undefined : offer?.serverInfo) ?? this.#options.info;
  }

  /** How it introduces itself to a client: the one server's own words, or the gateway's. Waits for one server, not for all. */
  async introduction(peer: Peer): Promise<Introduction> {
    const visible = this.visibleTo(peer.caller);
    const isOne = this.server !== undefined;
    const starting = visible.filter(({ upstream }) => upstream.state === 'starting');
    // A client learns this once: where one server is meant, it waits for that as it would without the gateway.
    if (isOne) await Promise.allSettled(starting.map(({ upstream }) => upstream.settled));
    // Of many servers only what they say to all is told: lists find out the rest.
    const asking = isOne ? peer : { ...peer, capabilities: ObjectText.EMPTY };
    const offers = await Promise.all(
      visible.map(({ upstream }) => {
        const isComing = !isOne && upstream.kind === 'plugin' && upstream.state === 'starting';
        return isComing ? EMPTY_OFFER : this.#offer(upstream, asking);
      }),
    );
    const ofServers = capabilitiesOf(visible, offers, isOne);
    const isMore = keepsAnswers(visible) && !ofServers.has('resources');
    const declared = isMore ? ofServers.withValue('resources', {}) : ofServers;
    const hasOwnTools = this.discoveryFor(peer.caller) === 'search' && !declared.has('tools');
    const capabilities = hasOwnTools ? declared.withValue('tools', { listChanged: true }) : declared;
    if (isOne) {
      const { serverInfo, instructions } = offers[0] ?? EMPTY_OFFER;
      return { info: serverInfo ?? this.#options.info, instructions, capabilities };
    }
    const said = visible.flatMap(({ name }, index) => {
      const instructions = offers[index]?.instructions;
      return instructions === undefined ? [] : [`## ${name}\n\n${instructions}`];
    });
    const instructions = said.length > 0 ? said.join('\n\n') : undefined;
    return { info: this.#options.info, instructions, capabilities };
  }

  /** What a name stands for that a caller may use, and that is withheld from everybody; undefined where it is no such name. */
  withheld(kind: 'tool' | 'prompt', asked: string, caller: Caller): ToolWithheldError | undefined {
    const { pins } = this.#options;
    const permission = this.permissionOf(caller);
    const sources = this.visibleTo(caller).map((served) => ({
      prefix: served.prefix,
      items: pins
        .namesWithheld(served.name, kind)
        .filter((name) => permission.allows(kind, served, name))
        .map((ownName) => ({ ownName, item: served.name })),
    }));
    const naming = kind === 'tool' ? this.naming : { ...this.naming, portable: false };
    const found = giveNames(sources, naming).find(({ name, wholeName }) => name === asked || wholeName === asked);
    if (!found) return undefined;
    const { item: server, ownName } = found;
    return new ToolWithheldError({ kind, asked, server, because: pins.whyWithheld(server, kind, ownName) ?? 'new' });
  }

  /** Whether something behind it knows such a method at all; what nobody declares is not there. */
  serves(method: string, peer: Peer): boolean {
    const capability = factsOf(method)?.capability;
    if (capability === undefined) return true;
    const visible = this.visibleTo(peer.caller);
    // Long answers are resources, whatever their server has.
    if (capability === 'resources' && keepsAnswers(visible)) return true;
    if (visible.every(hasOnlyTools)) return false;
    if (this.server === undefined) return true;
    const declared = visible[0]?.upstream.declared(peer.era);
    // What is not known yet may be there; the server says it if not.
    return declared === undefined || declared.has(capability);
  }

  /** @param asked - A name that is asked for: those that start and may have it are waited for as long as calls wait. @default a list */
  #catalogOnceStarted(peer: Peer, asked?: string, until?: number): Catalog<Served> | Promise<Catalog<Served>> {
    const visible = asked === undefined ? this.visibleTo(peer.caller) : this.#ableTo(peer, asked);
    // For every call, so that nothing is made on the way to what is known.
    for (const { upstream } of visible) {
      if (upstream.state === 'starting') return this.#startedCatalog(visible, peer, asked, until);
    }
    return this.#catalogNow(visible, peer);
  }

  async #startedCatalog(
    visible: readonly Served[],
    peer: Peer,
    asked: string | undefined,
    until = performance.now() + MOST_WAIT_MS,
  ): Promise<Catalog<Served>> {
    await this.#started(visible.filter(({ upstream }) => upstream.state === 'starting'));
    const catalog = await this.#catalogNow(visible, peer, asked !== undefined);
    // What starts may be replaced meanwhile by what starts in its place.
    const current = this.visibleTo(peer.caller);
    const isStale = visible.some((one) => one.upstream.state === 'closed' && !current.includes(one));
    return isStale && performance.now() < until ? this.#catalogOnceStarted(peer, asked, until) : catalog;
  }

  /** Those a caller sees that may have this name; the very list of what it sees where that are all. */
  #ableTo({ caller }: Peer, asked: string): readonly Served[] {
    const visible = this.visibleTo(caller);
    const able = visible.filter(({ prefix }) => asked === '' || mayBeNamed(asked, prefix, this.naming));
    return able.length === visible.length ? visible : able;
  }

  async #started(starting: readonly Served[]): Promise<void> {
    if (starting.length === 0) return;
    const settled = Promise.allSettled(starting.map(({ upstream }) => upstream.settled));
    await Promise.race([settled, this.#options.startWindow]);
  }

  /** Where one server is meant, a client that may be offered more than others learns of it at once. */
  #offer(upstream: Served['upstream'], peer: Peer, isMeant = this.server !== undefined): Offer | Promise<Offer> {
    const offer = upstream.offer(peer, isMeant);
    const { pins } = this.#options;
    return offer instanceof Promise
      ? offer.then((known) => pins.admit(upstream.name, known))
      : pins.admit(upstream.name, offer);
  }

  /** How names of servers come into its lists. */
  get naming(): NamingOptions {
    const { naming } = this.#options;
    return this.server === undefined ? naming : { ...naming, prefix: 'never', portable: false };
  }

  #catalogNow(visible: readonly Served[], peer: Peer, awaitsStart = false): Catalog<Served> | Promise<Catalog<Served>> {
    const asked: (Offer | Promise<Offer>)[] = [];
    let isKnown = true;
    for (const { upstream } of visible) {
      const isMeant = (awaitsStart && upstream.state === 'starting') || this.server !== undefined;
      const offer = this.#offer(upstream, peer, isMeant);
      if (offer instanceof Promise) isKnown = false;
      asked.push(offer);
    }
    if (isKnown) return this.#catalogs.of(visible, asked as Offer[], this.permissionOf(peer.caller), this.naming);
    return Promise.all(asked).then((offers) =>
      this.#catalogs.of(visible, offers, this.permissionOf(peer.caller), this.naming),
    );
  }
}

/** Whether parts of what these servers answer may have to be read later. */
function keepsAnswers(visible: readonly Served[]): boolean {
  return visible.some(({ answers }) => answers?.mayKeep === true);
}

/** What a list says of itself in numbers and words of the specification. Source: MCP specification 2026-07-28, "Caching". */
function lifetimeOf(metadata: ObjectText): ObjectText {
  const ttlMs = metadata.value('ttlMs');
  const cacheScope = metadata.value('cacheScope');
  return ObjectText.from({
    ...(typeof ttlMs === 'number' && { ttlMs }),
    ...((cacheScope === 'public' || cacheScope === 'private') && { cacheScope }),
  });
}

function failedList(server: string): RpcError {
  return RpcError.of(
    RpcCode.internalError,
    `Server "${server}" answered with an error, whose words are in the log, at debug`,
  );
}
