import type { ToolDefinition, ToolResult } from '@lockgate/abi';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/client';
import { UpstreamUnavailableError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { isObject, type JsonObject, type Message, textOf } from './message.ts';
import type { Exchange } from './peer.ts';
import { toMcpResult, toMcpTool } from './plugin-tools.ts';
import { type Supervised, Supervisor } from './supervisor.ts';
import { EMPTY_OFFER, type Offer, type Upstream, type UpstreamEvents, type UpstreamStatus } from './upstream.ts';

/** The part of a loaded plugin that is needed here; the loader's stable handle has it. */
export interface PluginHandle {
  tools(): Promise<readonly ToolDefinition[] | null>;
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
  readonly now: () => number;
  readonly random: () => number;
}

type LoadedPlugin = Supervised & { readonly handle: PluginHandle };

/** A WebAssembly plugin, seen as a server that has tools and nothing else. One that cannot be loaded is tried again. */
export class PluginUpstream implements Upstream {
  readonly kind = 'plugin';
  readonly name: string;
  readonly #options: PluginUpstreamOptions;
  readonly #supervisor: Supervisor<LoadedPlugin>;
  #offer: Offer = EMPTY_OFFER;
  #structured = new Set<string>();
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
      now: options.now,
      random: options.random,
    });
  }

  get settled(): Promise<void> {
    return this.#supervisor.settled;
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

  start(): void {
    this.#supervisor.start();
  }

  /** Reads the tools again after the loader has put another version in place. */
  async reloaded(): Promise<void> {
    const { current } = this.#supervisor;
    if (!current) return;
    this.#reloads++;
    await this.#readTools(current.handle);
    this.#options.events.changed(this, ['tools']);
  }

  offer(): Offer {
    return this.#offer;
  }

  asksWhileRunning(): boolean {
    return false;
  }

  async request({ method, params }: Message, _exchange: Exchange, signal: AbortSignal): Promise<JsonObject> {
    if (method !== 'tools/call') throw new ProtocolError(ProtocolErrorCode.MethodNotFound, 'Method not found');
    const { current, state } = this.#supervisor;
    if (!current) {
      const reason = this.#reason;
      throw new UpstreamUnavailableError({ server: this.name, state, ...(reason !== undefined && { reason }) });
    }
    const tool = textOf(params?.name);
    const args = isObject(params?.arguments) ? params.arguments : {};
    return toMcpResult(await current.handle.execute(tool, args, { signal }), this.#structured.has(tool));
  }

  async watch(): Promise<void> {}

  unwatch(): void {}

  async forward(): Promise<void> {}

  async logLevelChanged(): Promise<void> {}

  forget(): void {}

  close(): Promise<void> {
    return this.#supervisor.close();
  }

  async #load(): Promise<LoadedPlugin> {
    const handle = await this.#options.load();
    await this.#readTools(handle);
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    return { handle, closed, close: () => this.#options.unload().finally(resolve) };
  }

  async #readTools(handle: PluginHandle): Promise<void> {
    const definitions = (await handle.tools()) ?? [];
    this.#structured = new Set(definitions.filter((tool) => tool.outputSchema).map((tool) => tool.name));
    this.#offer = { ...EMPTY_OFFER, capabilities: { tools: { listChanged: true } }, tools: definitions.map(toMcpTool) };
  }
}
