import type { ToolDefinition, ToolResult } from '@lockgate/abi';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/client';
import type { Logger } from '../logger.ts';
import { isObject, type JsonObject, type Message } from './message.ts';
import type { Exchange } from './peer.ts';
import { toMcpResult, toMcpTool } from './plugin-tools.ts';
import {
  EMPTY_OFFER,
  type Offer,
  type Upstream,
  type UpstreamEvents,
  type UpstreamState,
  type UpstreamStatus,
} from './upstream.ts';

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
}

/** A WebAssembly plugin, seen as a server that has tools and nothing else. */
export class PluginUpstream implements Upstream {
  readonly kind = 'plugin';
  readonly name: string;
  readonly settled: Promise<void>;
  readonly #options: PluginUpstreamOptions;
  readonly #settle: () => void;
  #handle: PluginHandle | undefined;
  #offer: Offer = EMPTY_OFFER;
  #structured = new Set<string>();
  #state: UpstreamState = 'starting';
  #since: number;
  #reason: string | undefined;
  #reloads = 0;
  #closing: Promise<void> | undefined;

  constructor(options: PluginUpstreamOptions) {
    this.#options = options;
    this.name = options.name;
    this.#since = options.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.settled = promise;
    this.#settle = resolve;
  }

  status(): UpstreamStatus {
    return {
      name: this.name,
      kind: this.kind,
      state: this.#state,
      since: this.#since,
      restarts: this.#reloads,
      tools: this.#offer.tools.length,
      reason: this.#reason,
    };
  }

  start(): void {
    void this.#load().finally(this.#settle);
  }

  /** Reads the tools again after the loader has put another version in place. */
  async reloaded(): Promise<void> {
    this.#reloads++;
    await this.#readTools();
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
    const handle = this.#handle;
    if (!handle)
      return toMcpResult({ data: `Plugin "${this.name}" is not loaded (${this.#state}).`, isError: true }, false);
    const tool = String(params?.name);
    const args = isObject(params?.arguments) ? params.arguments : {};
    return toMcpResult(await handle.execute(tool, args, { signal }), this.#structured.has(tool));
  }

  async watch(): Promise<void> {}

  unwatch(): void {}

  async forward(): Promise<void> {}

  async logLevelChanged(): Promise<void> {}

  forget(): void {}

  close(): Promise<void> {
    this.#closing ??= this.#unload();
    return this.#closing;
  }

  async #load(): Promise<void> {
    try {
      this.#handle = await this.#options.load();
      await this.#readTools();
      if (this.#state === 'closed') return;
      this.#enter('running');
      this.#options.events.changed(this, ['tools']);
    } catch (error) {
      if (this.#state === 'closed') return;
      this.#reason = (error as Error).message;
      this.#enter('restarting');
      this.#options.logger.error({ plugin: this.name, error: this.#reason }, 'plugin could not be loaded');
    }
  }

  async #readTools(): Promise<void> {
    const definitions = (await this.#handle?.tools()) ?? [];
    this.#structured = new Set(definitions.filter((tool) => tool.outputSchema).map((tool) => tool.name));
    this.#offer = { ...EMPTY_OFFER, capabilities: { tools: { listChanged: true } }, tools: definitions.map(toMcpTool) };
  }

  async #unload(): Promise<void> {
    this.#enter('closed');
    this.#settle();
    await this.#options.unload();
  }

  #enter(state: UpstreamState): void {
    this.#state = state;
    this.#since = this.#options.now();
    this.#options.events.stateChanged(this);
  }
}
