import type { ToolDefinition, ToolResult } from '@lockgate/abi';
import { EMPTY_OFFER, type Offer } from '../catalog/offer.ts';
import { UpstreamUnavailableError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { isObject, type Message } from '../protocol/message.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { toMcpResult, toMcpTool } from './plugin-tools.ts';
import { type Supervised, Supervisor } from './supervisor.ts';
import type { Upstream, UpstreamEvents, UpstreamFacts, UpstreamState, UpstreamStatus, Watch } from './upstream.ts';

/** The part of a loaded plugin that is needed here; the loader's stable handle has it. */
export interface PluginHandle {
  tools(): Promise<readonly ToolDefinition[] | null>;
  /** Fields worth keeping of the answers, by tool; null where the plugin does not say. */
  compactSpecs(): Promise<Readonly<Record<string, readonly string[]>> | null>;
  execute(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<ToolResult>;
}

export interface PluginUpstreamOptions {
  readonly name: string;
  /** Loads the plugin and answers the handle that always speaks to its live version. */
  readonly load: () => Promise<PluginHandle>;
  /** Unloads it; running calls drain. */
  readonly unload: () => Promise<void>;
  readonly events: UpstreamEvents;
  readonly logger: Logger;
  /** Milliseconds since 1970, for people. */
  readonly now: () => number;
  /** Milliseconds that only go up. */
  readonly monotonicNow: () => number;
  readonly random: () => number;
}

const CAPABILITIES = ObjectText.from({ tools: { listChanged: true } });

type LoadedPlugin = Supervised & { readonly handle: PluginHandle };

/** A WebAssembly plugin, seen as a server that has tools and nothing else. One that cannot be loaded is tried again. */
export class PluginUpstream implements Upstream {
  readonly kind = 'plugin';
  readonly name: string;
  readonly #options: PluginUpstreamOptions;
  readonly #supervisor: Supervisor<LoadedPlugin>;
  #offer: Offer = EMPTY_OFFER;
  #structured = new Set<string>();
  #specs: ReadonlyMap<string, readonly string[]> = new Map();
  #since: number;
  #reason: string | undefined;
  #reloads = 0;

  constructor(options: PluginUpstreamOptions) {
    this.#options = options;
    this.name = options.name;
    this.#since = options.now();
    this.#supervisor = new Supervisor<LoadedPlugin>({
      open: () => this.#load(),
      onState: (state, reason) => {
        this.#since = options.now();
        this.#reason = reason;
        if (state === 'restarting') options.logger.error({ plugin: this.name, reason }, 'plugin could not be loaded');
        options.events.stateChanged(this);
        if (state === 'running') options.events.changed(this, ['tools']);
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
      await this.#readTools(current.handle);
      this.#options.events.changed(this, ['tools']);
    } catch (err) {
      this.#options.logger.warn({ plugin: this.name, err }, 'the tools of a new version could not be read');
    }
  }

  offer(): Offer {
    return this.#offer;
  }

  compactSpecs(tool: string): readonly string[] | undefined {
    return this.#specs.get(tool);
  }

  declared(): undefined {
    return undefined;
  }

  asksWhileRunning(): boolean {
    return false;
  }

  async request({ method, params }: Message, _exchange: Exchange, cancellation: Cancellation): Promise<ObjectText> {
    if (method !== 'tools/call') throw RpcError.of(RpcCode.methodNotFound, 'Method not found');
    const { current, state } = this.#supervisor;
    if (!current) {
      const reason = this.#reason;
      throw new UpstreamUnavailableError({ server: this.name, state, ...(reason !== undefined && { reason }) });
    }
    const tool = params?.text('name') ?? '';
    const args = params?.value('arguments');
    const { signal } = cancellation;
    const result = await current.handle.execute(tool, isObject(args) ? args : {}, { signal });
    return ObjectText.from(toMcpResult(result, this.#structured.has(tool)));
  }

  async watch(): Promise<Watch> {
    return { source: this, release: () => {} };
  }

  async forward(): Promise<void> {}

  async logLevelChanged(): Promise<void> {}

  forget(): void {}

  close(): Promise<void> {
    return this.#supervisor.close();
  }

  async #load(): Promise<LoadedPlugin> {
    const handle = await this.#options.load();
    try {
      await this.#readTools(handle);
    } catch (error) {
      await this.#options.unload().catch(() => {}); // the first reason counts, and the next attempt needs the name
      throw error;
    }
    const { promise: closed, resolve } = Promise.withResolvers<string>();
    const close = (): Promise<void> => this.#options.unload().finally(() => resolve('it was unloaded'));
    return { handle, closed, close };
  }

  async #readTools(handle: PluginHandle): Promise<void> {
    const definitions = (await handle.tools()) ?? [];
    this.#structured = new Set(definitions.filter((tool) => tool.outputSchema).map((tool) => tool.name));
    const tools = definitions.map((definition) => ObjectText.from(toMcpTool(definition)));
    this.#specs = new Map(Object.entries(await this.#readSpecs(handle)));
    this.#offer = { ...EMPTY_OFFER, capabilities: CAPABILITIES, tools };
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
