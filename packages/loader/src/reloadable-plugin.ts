import type { PluginMetadata, ToolDefinition, ToolResult } from '@lockgate/abi';
import {
  type CloseOptions,
  type ExecuteOptions,
  ModuleClosedError,
  type Plugin,
  type PluginFeatures,
  type PluginStats,
} from '@lockgate/runtime';
import { type AfterClose, leaseCall } from './lease.ts';
import type { LoadedModule } from './loaded-module.ts';
import type { PluginKind } from './plugin-kind.ts';

const CLOSED_RESULT: ToolResult = Object.freeze({ data: 'wasm: module closed', isError: true });

const EXECUTE: AfterClose<ToolResult> = {
  isAnswer: ({ isError, data }) => isError && data === CLOSED_RESULT.data,
  answer: () => CLOSED_RESULT,
};
const HEALTHY: AfterClose<boolean> = { isAnswer: (healthy) => !healthy, answer: () => false };
const NULL_ANSWER: AfterClose<null> = { isAnswer: (answer) => answer === null, answer: () => null };

/** A plugin whose version changes under its callers without their noticing: every call goes to the live one. */
export class ReloadablePlugin implements Plugin {
  readonly #entry: LoadedModule<Plugin, PluginKind>;
  readonly #unload: (drainMs?: number) => Promise<void>;

  constructor(entry: LoadedModule<Plugin, PluginKind>, unload: (drainMs?: number) => Promise<void>) {
    this.#entry = entry;
    this.#unload = unload;
  }

  name(): Promise<string> {
    const closed: AfterClose<string> = {
      isAnswer: (name) => name === 'unknown', // a guest may be called that; asking again does no harm
      answer: () => this.#entry.givenName ?? 'unknown',
    };
    return leaseCall(this.#entry, closed, (plugin) => plugin.name());
  }

  metadata(): Promise<PluginMetadata | null> {
    return this.#ask((plugin) => plugin.metadata());
  }

  tools(): Promise<readonly ToolDefinition[] | null> {
    return this.#ask((plugin) => plugin.tools());
  }

  compactSpecs(): Promise<Readonly<Record<string, readonly string[]>> | null> {
    return this.#ask((plugin) => plugin.compactSpecs());
  }

  features(): Promise<PluginFeatures | null> {
    return this.#ask((plugin) => plugin.features());
  }

  request(
    method: string,
    params: Readonly<Record<string, unknown>>,
    options?: ExecuteOptions,
  ): Promise<Readonly<Record<string, unknown>> | null> {
    return leaseCall(
      this.#entry,
      NULL_ANSWER as AfterClose<Readonly<Record<string, unknown>> | null>,
      (plugin, onStart) => plugin.request(method, params, withOnStart(options, onStart)),
    );
  }

  healthy(): Promise<boolean> {
    return leaseCall(this.#entry, HEALTHY, (plugin) => plugin.healthy());
  }

  execute(tool: string, args: Readonly<Record<string, unknown>>, options?: ExecuteOptions): Promise<ToolResult> {
    return leaseCall(this.#entry, EXECUTE, (plugin, onStart) =>
      plugin.execute(tool, args, withOnStart(options, onStart)),
    );
  }

  /** Rotates the settings on the live version, between swaps; later versions get them too once the guest took them. */
  configure(settings: Readonly<Record<string, string>>): Promise<void> {
    return this.#entry.change(({ module }) => this.#entry.kind.configure(module, settings));
  }

  /** Unloads the module: the handle answers as a closed plugin from now on. */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#unload(options.drainMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The figures of the newest version alone. */
  async stats(): Promise<PluginStats> {
    const { newest } = this.#entry;
    if (newest === undefined) throw new ModuleClosedError({ module: this.#entry.name });
    return newest.module.stats();
  }

  #ask<T>(ask: (plugin: Plugin) => Promise<T | null>): Promise<T | null> {
    return leaseCall(this.#entry, NULL_ANSWER as AfterClose<T | null>, ask);
  }
}

function withOnStart(options: ExecuteOptions | undefined, onStart: () => void): ExecuteOptions {
  if (options === undefined) return { onStart };
  const theirs = options.onStart;
  if (theirs === undefined) return { ...options, onStart };
  return {
    ...options,
    onStart() {
      onStart();
      theirs();
    },
  };
}
