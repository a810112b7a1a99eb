import { PLUGIN_ABI_VERSION } from '@lockgate/abi';
import {
  ConfigureRejectedError,
  type GuestFailure,
  type Logger,
  type Plugin,
  type PluginOptions,
} from '@lockgate/runtime';
import { AbiVersionError, UnhealthyError } from './errors.ts';
import { type ModuleIdentity, type ModuleKind, tellBoth } from './module-kind.ts';
import { ProbeError } from './rejection.ts';
import { settingNames, unnamedSettings } from './unnamed-settings.ts';

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

const MOST_NAMES_SAID = 20;
/** Shorter values are no secrets, and masking them would make sentences unreadable. */
const SHORTEST_SECRET = 4;

type Settings = Readonly<Record<string, string>>;

/** Warms plugins up. It keeps the current settings, in memory only, and says them to nobody but the guest. */
export class PluginKind implements ModuleKind<Plugin> {
  readonly role = 'plugin';
  readonly #runtime: PluginRuntime;
  readonly #options: PluginOptions;
  readonly #checks: PluginChecks;
  readonly #logger: Logger | undefined;
  readonly #said = new WeakMap<Plugin, { readonly module: string; readonly names: readonly string[] }>();
  readonly #told = new Set<string>();
  #settings: Settings | undefined;

  constructor(runtime: PluginRuntime, options: PluginOptions, checks: PluginChecks, logger?: Logger) {
    this.#logger = logger;
    const { settings, ...rest } = options;
    this.#runtime = runtime;
    this.#options = rest;
    this.#checks = checks;
    this.#settings = settings === undefined ? undefined : { ...settings };
  }

  async open(bytes: Uint8Array, name: string | undefined, onFailure: (failure: GuestFailure) => void): Promise<Plugin> {
    const settings = this.#settings;
    try {
      return await this.#runtime.loadPlugin(bytes, {
        ...this.#options,
        onFailure: tellBoth(onFailure, this.#options.onFailure),
        ...(name === undefined ? {} : { name }),
        ...(settings === undefined ? {} : { settings }),
      });
    } catch (error) {
      throw withoutSettings(error, settings ?? {});
    }
  }

  async examine(plugin: Plugin, signal: AbortSignal): Promise<ModuleIdentity> {
    const metadata = await plugin.metadata();
    if (metadata !== null && metadata.abiVersion !== PLUGIN_ABI_VERSION) {
      throw new AbiVersionError({ abiVersion: metadata.abiVersion, supported: PLUGIN_ABI_VERSION });
    }
    const name = await plugin.name();
    this.#said.set(plugin, { module: name, names: metadata === null ? [] : settingNames(metadata) });
    this.#warnOfUnnamed(plugin, this.#settings ?? {});
    await plugin.tools(); // what callers ask for first: a version whose answer cannot be read must not go live
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
    try {
      await plugin.configure(copy);
    } catch (error) {
      throw withoutSettings(error, copy);
    }
    this.#settings = copy;
    this.#warnOfUnnamed(plugin, copy);
  }

  /** Says each name once: the same settings are given again and again. */
  #warnOfUnnamed(plugin: Plugin, settings: Settings): void {
    const { module, names = [] } = this.#said.get(plugin) ?? {};
    const unnamed = unnamedSettings(settings, names).filter((key) => !this.#told.has(key));
    if (unnamed.length === 0) return;
    for (const key of unnamed) this.#told.add(key);
    const named = names.slice(0, MOST_NAMES_SAID);
    this.#logger?.warn(
      { module, settings: unnamed, named },
      'settings that the plugin does not name; are they misspelt?',
    );
  }
}

/** A guest may quote a key in its refusal. Refusals are logged; keys are not. */
function withoutSettings(error: unknown, settings: Settings): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'RUNTIME_CONFIGURE_REJECTED')) return error;
  const { module, reason } = (error as ConfigureRejectedError).facts;
  const values = Object.values(settings).filter((value) => value.length >= SHORTEST_SECRET);
  const masked = values.reduce((text, value) => text.replaceAll(value, '***'), reason);
  return masked === reason ? error : new ConfigureRejectedError({ module, reason: masked });
}
