import type { Implementation, ServerCapabilities } from '@modelcontextprotocol/server';
import { Catalog } from '../catalog/catalog.ts';
import type { NamingOptions } from '../catalog/naming.ts';
import type { JsonObject } from '../upstream/message.ts';
import type { Caller, Peer } from '../upstream/peer.ts';
import { silentPeer } from '../upstream/silent-peer.ts';
import { EMPTY_OFFER, type ListName, type Offer } from '../upstream/upstream.ts';
import type { Served, ServedList } from './served.ts';

/** Catalogues that are kept; clients of different rights and capabilities see different ones. */
const MAX_CATALOGS = 32;

interface Kept {
  readonly parts: readonly (Served | Offer | boolean)[];
  readonly catalog: Catalog<Served>;
}

export interface EndpointOptions {
  /** The one server it serves; all when absent. */
  readonly server?: string;
  readonly served: ServedList;
  readonly naming: NamingOptions;
  readonly info: Implementation;
  /** Resolves when clients no longer wait for servers that are slow to start. */
  readonly startWindow: Promise<void>;
}

/** A way in: all servers under one roof, or one server as it is. */
export class Endpoint {
  readonly server: string | undefined;
  readonly #options: EndpointOptions;
  readonly #kept: Kept[] = [];

  constructor(options: EndpointOptions) {
    this.server = options.server;
    this.#options = options;
  }

  visibleTo(caller: Caller): readonly Served[] {
    const visible = this.#options.served.visibleTo(caller);
    return this.server === undefined ? visible : visible.filter(({ name }) => name === this.server);
  }

  /** What the client sees now. Waits for servers that are about to start, unless they take too long. */
  async catalog(peer: Peer): Promise<Catalog<Served>> {
    const visible = this.visibleTo(peer.caller);
    const starting = visible.filter(({ upstream }) => upstream.status().state === 'starting');
    if (starting.length > 0) {
      const started = Promise.allSettled(starting.map(({ upstream }) => upstream.settled));
      await Promise.race([started, this.#options.startWindow]);
    }
    const asked = visible.map(({ upstream }) => upstream.offer(peer));
    const offers = asked.some((offer) => offer instanceof Promise) ? await Promise.all(asked) : (asked as Offer[]);
    return this.#catalogOf(visible, offers);
  }

  /** What stood beside a list: one server's as it is; of several, what holds for all of them. */
  async beside(list: ListName, peer: Peer): Promise<JsonObject> {
    const offers = await Promise.all(this.visibleTo(peer.caller).map(({ upstream }) => upstream.offer(peer)));
    const found = offers.map((offer) => offer.beside[list]).filter((beside) => beside !== undefined);
    if (this.server !== undefined) return found[0] ?? {};
    const lifetimes = found.map(({ ttlMs }) => ttlMs);
    const known = lifetimes.length === offers.length && lifetimes.every((ttlMs) => typeof ttlMs === 'number');
    return known && lifetimes.length > 0 ? { ttlMs: Math.min(...(lifetimes as number[])) } : {};
  }

  /** Its name: the one server's own, or the gateway's. */
  infoFor(caller: Caller): Implementation {
    const { info } = this.#options;
    const [only] = this.server === undefined ? [] : this.visibleTo(caller);
    const offer = only?.upstream.offer(silentPeer('', caller));
    return (offer instanceof Promise ? undefined : offer?.serverInfo) ?? info;
  }

  /** How it introduces itself: the one server's own words, or the gateway's. */
  introduction(caller: Caller): { info: Implementation; instructions?: string; capabilities: ServerCapabilities } {
    const visible = this.visibleTo(caller);
    const peer = silentPeer('', caller);
    const known = (offer: Offer | Promise<Offer>): Offer => (offer instanceof Promise ? EMPTY_OFFER : offer);
    const offers = visible.map(({ upstream }) => known(upstream.offer(peer)));
    const capabilities = capabilitiesOf(visible, offers, this.server !== undefined);
    if (this.server !== undefined) {
      const { instructions } = offers[0] ?? EMPTY_OFFER;
      return { info: this.infoFor(caller), ...(instructions !== undefined && { instructions }), capabilities };
    }
    const said = visible.flatMap(({ name }, index) => {
      const instructions = offers[index]?.instructions;
      return instructions === undefined ? [] : [`## ${name}\n\n${instructions}`];
    });
    const { info } = this.#options;
    return { info, ...(said.length > 0 && { instructions: said.join('\n\n') }), capabilities };
  }

  /** Whether something behind it knows such a method at all; what nobody declares is not there. */
  serves(method: string, caller: Caller): boolean {
    const [area = ''] = method.split('/');
    const capability = AREAS[area];
    return capability === undefined || this.introduction(caller).capabilities[capability] !== undefined;
  }

  #catalogOf(visible: readonly Served[], offers: readonly Offer[]): Catalog<Served> {
    const live = visible.map(({ upstream }) => upstream.status().state === 'running');
    const parts = [...visible, ...offers, ...live];
    const found = this.#kept.find(
      (kept) => kept.parts.length === parts.length && kept.parts.every((part, i) => part === parts[i]),
    );
    if (found) return found.catalog;
    const { naming } = this.#options;
    const sources = visible.map((source, i) => ({
      source,
      prefix: source.prefix,
      offer: offers[i] ?? EMPTY_OFFER,
      live: live[i] === true,
      tools: source.tools,
    }));
    const catalog = new Catalog(sources, this.server === undefined ? naming : { ...naming, prefix: 'never' });
    this.#kept.unshift({ parts, catalog });
    this.#kept.splice(MAX_CATALOGS);
    return catalog;
  }
}

/** What a server declares where it knows the methods of an area; tools it may have at any time. */
const AREAS: Readonly<Record<string, keyof ServerCapabilities>> = {
  resources: 'resources',
  prompts: 'prompts',
  completion: 'completions',
  logging: 'logging',
};

/** Everything that some server might offer; a session learns this once, and servers may start later. */
const EVERYTHING: ServerCapabilities = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
};

function capabilitiesOf(visible: readonly Served[], offers: readonly Offer[], one: boolean): ServerCapabilities {
  if (visible.every(({ upstream }) => upstream.kind === 'plugin')) return { tools: { listChanged: true } };
  const own = one ? offers[0]?.capabilities : undefined;
  if (!own || Object.keys(own).length === 0) return EVERYTHING;
  return {
    ...own,
    ...(own.tools && { tools: { ...own.tools, listChanged: true } }),
    ...(own.resources && { resources: { ...own.resources, listChanged: true } }),
    ...(own.prompts && { prompts: { ...own.prompts, listChanged: true } }),
  };
}
