import type { PluginMetadata, ToolDefinition, ToolResult } from '@lockgate/abi';
import type { ModuleStats } from '../module-stats.ts';

/** How one `execute` call may be watched and ended. */
export interface ExecuteOptions {
  /**
   * Ends the call, waiting or running, which then rejects with `signal.reason`. A guest inside is not trapped: from then
   * on its host calls fail, and it has `abortGraceMs` to come back by itself and keep its instance. After that it is ended:
   * a worker at once, inline at its next host call. If it traps of itself meanwhile, it is replaced and counted as ever.
   */
  readonly signal?: AbortSignal;
  /** Called synchronously at the moment the call leaves the queue and enters the guest; never for a call that does not. */
  readonly onStart?: () => void;
  /** On whose behalf; handed to the functions that the plugin was given. */
  readonly caller?: unknown;
  /** What the client's request had beside it, as MCP's `_meta`; for plugins that take it. @default nothing */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** What a plugin has beside tools. */
export interface PluginFeatures {
  /** The methods of MCP, other than those of tools, that {@link Plugin.request} takes. */
  readonly methods: readonly string[];
  /** Whether it calls functions that it is given, and so asks or tells its caller something while it works. */
  readonly usesFunctions: boolean;
}

/** How a module is closed. */
export interface CloseOptions {
  /** How long running calls may go on, in milliseconds, before they are ended. @default the module's `drainMs` */
  readonly drainMs?: number;
}

export type PluginStats = ModuleStats;

/**
 * A loaded plugin: a guest that gives tools. Calls of one instance run one after the other, in the order they came.
 *
 * Rejections common to all methods that enter the guest: RUNTIME_GUEST_TRAP, RUNTIME_CALL_TIMEOUT, RUNTIME_QUEUE_FULL,
 * RUNTIME_QUEUE_TIMEOUT, RUNTIME_CRASH_LOOP, RUNTIME_REENTRY, RUNTIME_BAD_MESSAGE. Source: ABI.md §1.
 */
export interface Plugin extends AsyncDisposable {
  /** The name given at loading, else the guest's own; `"unknown"` after close where none was given. */
  name(): Promise<string>;
  /** What the guest says about itself; null after close. */
  metadata(): Promise<PluginMetadata | null>;
  /** The tools the guest gives; null after close. */
  tools(): Promise<readonly ToolDefinition[] | null>;
  /**
   * Hands settings and credentials to the guest, now and in every instance that starts later.
   *
   * @throws RUNTIME_CONFIGURE_REJECTED when the guest refuses them; the settings accepted before stay.
   * @throws RUNTIME_MODULE_CLOSED after close.
   */
  configure(settings: Readonly<Record<string, string>>): Promise<void>;
  /** Calls a tool. After close it resolves to an error result that says `wasm: module closed`. */
  execute(tool: string, args: Readonly<Record<string, unknown>>, options?: ExecuteOptions): Promise<ToolResult>;
  /** What it has beside tools; null after close. */
  features(): Promise<PluginFeatures | null>;
  /**
   * One request of a method of MCP that {@link features} names; null after close.
   *
   * @throws ABI_REQUEST_FAILED with the plugin's own words where it fails; TypeError for a method that it has not.
   */
  request(
    method: string,
    params: Readonly<Record<string, unknown>>,
    options?: ExecuteOptions,
  ): Promise<Readonly<Record<string, unknown>> | null>;
  /** Whether the guest says it is healthy; false after close, in a crash loop, and when asking fails. Never rejects. */
  healthy(): Promise<boolean>;
  /** Field paths that give a short form of each tool's answer; null where the guest has none, and after close. */
  compactSpecs(): Promise<Readonly<Record<string, readonly string[]>> | null>;
  /** Turns waiters away at once, lets running calls finish for `drainMs`, then ends them. Idempotent and shared. */
  close(options?: CloseOptions): Promise<void>;
  stats(): Promise<PluginStats>;
  [Symbol.asyncDispose](): Promise<void>;
}
