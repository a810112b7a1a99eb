import { ALL_LISTS, EMPTY_OFFER, type ListName, type Offer } from '../catalog/offer.ts';
import { UpstreamUnavailableError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { JsonObject, Message } from '../protocol/message.ts';
import { canBeAsked, type Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { FirstWaits, LISTS_WAIT_MS } from './first-waits.ts';
import { inTimeOr } from './in-time-or.ts';
import { LeftOut } from './left-out.ts';
import { cutByChange, missedByChange } from './left-plugin.ts';
import { pluginArguments } from './plugin-arguments.ts';
import { PluginClient, type PluginWire } from './plugin-client.ts';
import { failureOf } from './plugin-failure.ts';
import type { PluginCallOptions, PluginFeatures, PluginHandle } from './plugin-handle.ts';
import { metaFor } from './plugin-meta.ts';
import { readPluginOffer } from './plugin-offer.ts';
import { toResultText } from './plugin-tools.ts';
import { CHANGES } from './read-offer.ts';
import { type Supervised, Supervisor } from './supervisor.ts';
import { unlessSameFile } from './unless-same-file.ts';
import type { Upstream, UpstreamEvents, UpstreamFacts, UpstreamState, UpstreamStatus, Watch } from './upstream.ts';

export interface PluginUpstreamOptions {
  readonly name: string;
  readonly place: {
    /** Whether another entry has its name by now. */
    readonly isLeft: boolean;
    /** Its file, where it is of one. */
    readonly path?: string | undefined;
    /** Loads the plugin and answers the handle that always speaks to its live version. */
    load(): Promise<PluginHandle>;
    /** Lets another be loaded under its name. */
    leave(): void;
    /** Unloads it; running calls drain. */
    unload(): Promise<void>;
  };
  readonly events: UpstreamEvents;
  readonly logger: Logger;
  /** How long a call waits for it to start, in milliseconds. @default 60_000 */
  readonly patienceMs?: number | undefined;
  /** Milliseconds since 1970, for people. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
  readonly random: () => number;
}

const ROOTS_CHANGED = 'notifications/roots/list_changed';

/** How long a call waits for one, where its entry does not say how long a call may take. */
const CALL_WAIT_MS = 60_000;

const ONLY_TOOLS: PluginFeatures = { methods: [], usesFunctions: false };

type LoadedPlugin = Supervised & { readonly handle: PluginHandle };

/** A WebAssembly plugin, seen as a server: of tools, or with all else that its kind has. One that cannot be loaded is tried again, where that may help. */
export class PluginUpstream implements Upstream {
  readonly kind = 'plugin';
  readonly name: string;
  readonly #options: PluginUpstreamOptions;
  readonly #supervisor: Supervisor<LoadedPlugin>;
  #offer: Offer = EMPTY_OFFER;
  #features = ONLY_TOOLS;
  readonly #leftOut: LeftOut;
  readonly #firstWaits = new FirstWaits();
  #structured = new Set<string>();
  #specs: ReadonlyMap<string, readonly string[]> = new Map();
  #since: number;
  #reason: string | undefined;
  #reloads = 0;
  readonly #stale = new Set<ListName>();
  #rereading: NodeJS.Immediate | undefined;

  constructor(options: PluginUpstreamOptions) {
    this.#options = options;
    this.name = options.name;
    this.#leftOut = new LeftOut(options.name, options.logger);
    this.#since = options.now();
    this.#supervisor = new Supervisor<LoadedPlugin>({
      open: unlessSameFile(options.place.path, () => this.#load()),
      onState: (state, reason) => {
        this.#since = options.now();
        this.#reason = reason;
        if (state === 'restarting' || state === 'not loaded')
          options.logger.error({ plugin: this.name, reason }, 'plugin could not be loaded');
        options.events.stateChanged(this);
        if (state === 'running') options.events.changed(this, this.#lists);
      },
      now: options.monotonicNow,
      random: options.random,
    });
  }

  get settled(): Promise<void> {
    return this.#supervisor.settled;
  }

  get state(): UpstreamState {
    return this.#supervisor.state;
  }

  status(): UpstreamStatus {
    return {
      name: this.name,
      kind: this.kind,
      state: this.#supervisor.state,
      since: this.#since,
      restarts: this.#reloads,
      tools: this.#offer.tools.length,
      reason: this.#reason,
    };
  }

  facts(): UpstreamFacts {
    return {};
  }

  start(): void {
    this.#supervisor.start();
  }

  /** Reads the tools again after the loader has put another version in place. Never rejects: those of before stay then. */
  async reloaded(): Promise<void> {
    const { current } = this.#supervisor;
    if (!current) return;
    this.#reloads++;
    try {
      if (!(await this.#readOffer(current.handle))) return;
      this.#tellIfEmpty();
      this.#options.events.changed(this, this.#lists);
    } catch (err) {
      this.#options.logger.warn({ plugin: this.name, err }, 'the tools of a new version could not be read');
    }
  }

  /** While it starts, what it will offer: whoever means it waits as long as a call may take, and lists of many a little. */
  offer(_peer?: Peer, isMeant = false): Offer | Promise<Offer> {
    if (this.state !== 'starting') return this.#offer;
    const known = (): Offer => this.#offer;
    const started = (): Promise<Offer> => this.settled.then(known);
    // It tells of its lists itself once it runs.
    if (!isMeant) return this.#firstWaits.once('start', LISTS_WAIT_MS, started, known, () => {});
    return inTimeOr(started(), this.#options.patienceMs ?? CALL_WAIT_MS, known);
  }

  compactSpecs(tool: string): readonly string[] | undefined {
    return this.#specs.get(tool);
  }

  declared(): ObjectText | undefined {
    return this.#offer === EMPTY_OFFER ? undefined : this.#offer.capabilities;
  }

  asksWhileRunning(peer: Peer): boolean {
    return this.#features.usesFunctions && canBeAsked(peer);
  }

  async request(message: Message, exchange: Exchange, cancellation: Cancellation): Promise<ObjectText> {
    const { method, params } = message;
    const isCall = method === 'tools/call';
    if (!isCall && !this.#features.methods.includes(method))
      throw RpcError.of(RpcCode.methodNotFound, 'Method not found');
    const { handle } = this.#mustRun();
    const { signal } = cancellation;
    const options = this.#features === ONLY_TOOLS ? { signal } : this.#optionsFor(params, exchange, cancellation);
    if (!isCall) return this.#answer(handle, message, options);
    const tool = params?.text('name') ?? '';
    let hasBegun = false;
    const onStart = (): void => {
      hasBegun = true;
    };
    const call = handle.execute(tool, pluginArguments(params), { ...options, onStart });
    const result = await call.catch((error: unknown) => {
      throw this.#cut(method, error) ?? error;
    });
    // What no guest has begun, a closed handle has answered.
    if (!hasBegun && result.isError && this.#options.place.isLeft) throw missedByChange(this.name);
    return toResultText(result, this.#structured.has(tool));
  }

  async watch(): Promise<Watch> {
    return { source: this, release: () => {} };
  }

  /** Of what clients say beside requests, a plugin may want to hear that their roots have changed. */
  async forward({ method, params }: Message, peer: Peer): Promise<void> {
    const { current } = this.#supervisor;
    if (method !== ROOTS_CHANGED || !current || !this.#features.methods.includes(method)) return;
    const { events, logger } = this.#options;
    const wire: PluginWire = {
      peer,
      progressToken: undefined,
      notify: (told) => events.told(this, told, peer),
      ask: (asked, asking) => events.asked(this, asked, peer, asking),
    };
    const cancellation = new Cancellation();
    const caller = this.#clientOf(wire, cancellation);
    try {
      await current.handle.request(method, {}, { signal: cancellation.signal, caller, ...metaFor(params, undefined) });
    } catch (err) {
      logger.warn(
        { plugin: this.name, err },
        'a plugin failed when it was told that the roots of a client have changed',
      );
    }
  }

  async logLevelChanged(): Promise<void> {}

  forget(): void {}

  leave(): void {
    this.#options.place.leave();
  }

  close(): Promise<void> {
    this.leave();
    return this.#supervisor.close();
  }

  async #answer(handle: PluginHandle, { method, params }: Message, options: PluginCallOptions): Promise<ObjectText> {
    try {
      const answer = await handle.request(method, params?.toValue() ?? {}, options);
      if (answer !== null) return ObjectText.from(answer);
    } catch (error) {
      throw this.#cut(method, error) ?? failureOf(error);
    }
    throw this.#options.place.isLeft
      ? missedByChange(this.name)
      : new UpstreamUnavailableError({ server: this.name, state: 'closed' });
  }

  #cut(method: string, error: unknown): Error | undefined {
    return this.#options.place.isLeft ? cutByChange(this.name, method, error) : undefined;
  }

  #optionsFor(params: ObjectText | undefined, exchange: Exchange, cancellation: Cancellation): PluginCallOptions {
    const caller = this.#clientOf(exchange, cancellation);
    return { signal: cancellation.signal, caller, ...metaFor(params, exchange.progressToken) };
  }

  #clientOf(wire: PluginWire, cancellation: Cancellation): PluginClient {
    return new PluginClient(wire, cancellation, (method, params) => this.#onNews(method, params));
  }

  /** The plugin says so in the middle of a call: its lists are read once that has gone on. */
  #onNews(method: string, params: ObjectText | undefined): void {
    const lists = CHANGES.get(method);
    if (lists === undefined) {
      if (params) this.#options.events.resourceUpdated(this, params, this);
      return;
    }
    for (const list of lists) this.#stale.add(list);
    this.#rereading ??= setImmediate(() => void this.#reread());
  }

  async #reread(): Promise<void> {
    this.#rereading = undefined;
    const { current } = this.#supervisor;
    const lists = [...this.#stale];
    this.#stale.clear();
    if (!current) return;
    try {
      if (await this.#readOffer(current.handle)) this.#options.events.changed(this, lists);
    } catch (err) {
      this.#options.logger.warn({ plugin: this.name, err }, 'lists that a plugin has changed could not be read');
    }
  }

  get #lists(): readonly ListName[] {
    return this.#features === ONLY_TOOLS ? ['tools'] : ALL_LISTS;
  }

  #mustRun(): LoadedPlugin {
    const { current, state } = this.#supervisor;
    if (current) return current;
    const reason = this.#reason;
    const { name: server, kind } = this;
    throw new UpstreamUnavailableError({ server, kind, state, ...(reason !== undefined && { reason }) });
  }

  async #load(): Promise<LoadedPlugin> {
    const handle = await this.#options.place.load();
    try {
      if (!(await this.#readOffer(handle))) throw new Error('it was unloaded before it had said what it gives');
      this.#tellIfEmpty();
    } catch (error) {
      await this.#options.place.unload().catch(() => {}); // the first reason counts, and the next attempt needs the name
      throw error;
    }
    const { promise: closed, resolve } = Promise.withResolvers<string>();
    const close = (): Promise<void> => this.#options.place.unload().finally(() => resolve('it was unloaded'));
    return { handle, closed, close };
  }

  /** False where it was unloaded meanwhile: a closed handle's lists are empty, and say nothing of the plugin. */
  async #readOffer(handle: PluginHandle): Promise<boolean> {
    const definitions = await handle.tools();
    const features = await handle.features();
    if (definitions === null || features === null) return false;
    const specs = await this.#readSpecs(handle);
    let isClosed = false;
    const ask = async (method: string): Promise<JsonObject> => {
      const answer = await handle.request(method, {});
      isClosed ||= answer === null;
      return answer ?? {};
    };
    const offer = await readPluginOffer({ definitions, features, ask, leftOut: this.#leftOut });
    if (isClosed) return false;
    this.#features = features.usesFunctions || features.methods.length > 0 ? features : ONLY_TOOLS;
    this.#structured = new Set(definitions.filter((tool) => tool.outputSchema).map((tool) => tool.name));
    this.#specs = new Map(Object.entries(specs));
    this.#offer = offer;
    return true;
  }

  #tellIfEmpty(): void {
    const { failed = {} } = this.#offer;
    if (Object.keys(failed).length > 0 || ALL_LISTS.some((list) => this.#offer[list].length > 0)) return;
    this.#options.logger.warn(
      { plugin: this.name },
      'a plugin gives no tool, prompt or resource; check its "settings"',
    );
  }

  /** A plugin that fails to say what is worth keeping is served as one that does not say it. */
  async #readSpecs(handle: PluginHandle): Promise<Readonly<Record<string, readonly string[]>>> {
    try {
      return (await handle.compactSpecs()) ?? {};
    } catch (err) {
      this.#options.logger.warn({ plugin: this.name, err }, 'what the plugin says is worth keeping could not be read');
      return {};
    }
  }
}
