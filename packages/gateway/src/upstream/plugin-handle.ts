import type { ToolDefinition, ToolResult } from '@lockgate/abi';
import type { PluginClient } from './plugin-client.ts';

/** What a plugin has beside tools. */
export interface PluginFeatures {
  /** Methods of MCP other than those of tools. */
  readonly methods: readonly string[];
  /** Whether it asks or tells its client something while it works. */
  readonly usesFunctions: boolean;
}

/** How one call of a plugin ends, and whom it is for. */
export interface PluginCallOptions {
  readonly signal?: AbortSignal;
  /** Told when the guest begins with it. */
  readonly onStart?: () => void;
  readonly caller?: PluginClient;
  /** What the client's request had beside it. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** The part of a loaded plugin that is needed here; the loader's stable handle has it. */
export interface PluginHandle {
  tools(): Promise<readonly ToolDefinition[] | null>;
  /** Fields worth keeping of the answers, by tool; null where the plugin does not say. */
  compactSpecs(): Promise<Readonly<Record<string, readonly string[]>> | null>;
  execute(tool: string, args: Readonly<Record<string, unknown>>, options?: PluginCallOptions): Promise<ToolResult>;
  features(): Promise<PluginFeatures | null>;
  /** Unloads it. @param options.drainMs - How long running calls may go on; the loader decides where it is absent. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
  /** Null where it has been unloaded. */
  request(
    method: string,
    params: Readonly<Record<string, unknown>>,
    options?: PluginCallOptions,
  ): Promise<Readonly<Record<string, unknown>> | null>;
}
