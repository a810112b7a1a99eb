import { PLUGIN_ABI_VERSION } from '@lockgate/abi';
import type { Plugin, PluginOptions } from '@lockgate/runtime';
import { AbiVersionError, UnhealthyError } from './errors.ts';
import type { Identity, ModuleKind } from './module-kind.ts';
import { ProbeError } from './rejection.ts';

/** What starts plugins. `Runtime` of `@lockgate/runtime` is one. */
export interface PluginRuntime {
  loadPlugin(bytes: Uint8Array, options: PluginOptions): Promise<Plugin>;
}

/** What a new version of a plugin must pass, next to the runtime's own options. */
export interface PluginChecks {
  /** Whether a version that says it is not healthy is rejected. @default false */
  readonly requireHealthy?: boolean;
  /** A trial of your own: a version for which it rejects is not taken. Its calls are calls of the new version alone. */
  readonly probe?: (plugin: Plugin, signal: AbortSignal) => Promise<unknown>;
}

type Settings = Readonly<Record<string, string>>;

/** Warms plugins up. It keeps the current settings, in memory only, and says them to nobody but the guest. */
export class PluginKind implements ModuleKind<Plugin> {
  readonly kind = 'plugin';
  readonly #runtime: PluginRuntime;
  readonly #options: PluginOptions;
  readonly #checks: PluginChecks;
  #settings: Settings | undefined;

  constructor(runtime: PluginRuntime, options: PluginOptions, checks: PluginChecks) {
    const { settings, ...rest } = options;
    this.#runtime = runtime;
    this.#options = rest;
    this.#checks = checks;
    this.#settings = settings === undefined ? undefined : { ...settings };
  }

  open(bytes: Uint8Array, name: string | undefined): Promise<Plugin> {
    return this.#runtime.loadPlugin(bytes, {
      ...this.#options,
      ...(name === undefined ? {} : { name }),
      ...(this.#settings === undefined ? {} : { settings: this.#settings }),
    });
  }

  async examine(plugin: Plugin, signal: AbortSignal): Promise<Identity> {
    const metadata = await plugin.metadata();
    if (metadata !== null && metadata.abiVersion !== PLUGIN_ABI_VERSION) {
      throw new AbiVersionError({ abiVersion: metadata.abiVersion, supported: PLUGIN_ABI_VERSION });
    }
    const name = await plugin.name();
    if (this.#checks.requireHealthy && !(await plugin.healthy())) throw new UnhealthyError();
    try {
      await this.#checks.probe?.(plugin, signal);
    } catch (error) {
      throw new ProbeError(error);
    }
    return { name, version: metadata?.version ?? null };
  }

  catchUp(): undefined {}

  /** Rotates the settings on a running version; they are kept for later versions only when the guest took them. */
  async configure(plugin: Plugin, settings: Settings): Promise<void> {
    const copy = { ...settings };
    await plugin.configure(copy);
    this.#settings = copy;
  }
}
