import {
  decodeCompactSpecs,
  decodeConfigure,
  decodeExecute,
  decodeHealthy,
  decodeMetadata,
  decodeTools,
  encodeExecute,
  encodeSettings,
  type PluginMetadata,
  type ToolDefinition,
  type ToolResult,
} from '@lockgate/abi';
import { ConfigureRejectedError, ModuleClosedError } from '../errors.ts';
import type { LockedModule, Operation, Primer } from '../instance/locked-module.ts';
import type { CloseOptions, ExecuteOptions, Plugin, PluginStats } from './plugin.ts';

type Settings = Readonly<Record<string, string>>;
type CompactSpecs = Readonly<Record<string, readonly string[]>>;

interface ToolCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What of a guest's own name is used in errors and logs, in characters. */
const MAX_LABEL_LENGTH = 100;

const noInput = (): undefined => undefined;
const nothing = (): null => null;

/** What a closed plugin answers, and how each question is written and read. Source: ABI.md §1, "After close". */
const NAME: Operation<undefined, string> = {
  exportName: 'name',
  encode: noInput,
  decode: (answer: string) => answer,
  afterClose: () => 'unknown',
};
const METADATA: Operation<undefined, PluginMetadata | null> = {
  exportName: 'metadata',
  encode: noInput,
  decode: decodeMetadata,
  afterClose: nothing,
};
const TOOLS: Operation<undefined, readonly ToolDefinition[] | null> = {
  exportName: 'tools',
  encode: noInput,
  decode: decodeTools,
  afterClose: nothing,
};
const HEALTHY: Operation<undefined, boolean> = {
  exportName: 'healthy',
  encode: noInput,
  decode: decodeHealthy,
  afterClose: () => false,
};
const COMPACT_SPECS: Operation<undefined, CompactSpecs | null> = {
  exportName: 'compact_specs',
  encode: noInput,
  decode: decodeCompactSpecs,
  afterClose: nothing,
};
const EXECUTE: Operation<ToolCall, ToolResult> = {
  exportName: 'execute',
  encode: ({ tool, args }) => encodeExecute(tool, args),
  decode: decodeExecute,
  afterClose: () => ({ data: 'wasm: module closed', isError: true }),
};

/** `configure` of the plugin with this name. */
function configureOperation(name: () => string): Operation<Settings, void> {
  return {
    exportName: 'configure',
    encode: encodeSettings,
    decode: (answer: string) => {
      const reason = decodeConfigure(answer);
      if (reason !== undefined) throw new ConfigureRejectedError({ module: name(), reason });
    },
    afterClose: () => {
      throw new ModuleClosedError({ module: name() });
    },
  };
}

/** What tells an instance the settings before its first call. */
export function settingsPrimer(settings: Settings, name: () => string): Primer {
  const { exportName, decode } = configureOperation(name);
  return { exportName, decode, input: encodeSettings(settings), ticket: 0 };
}

/** The plugin's name, as far as it is known: the override, the guest's own once it was asked, or where it came from. */
export class PluginIdentity {
  readonly override: string | undefined;
  #label: string;

  constructor(override: string | undefined, origin: string) {
    this.override = override;
    this.#label = override ?? origin;
  }

  get label(): string {
    return this.#label;
  }

  /** The guest has said its name. */
  learn(name: string): void {
    if (this.override === undefined && name !== '') this.#label = name.slice(0, MAX_LABEL_LENGTH);
  }
}

/** A plugin over a locked module: each method is one operation. */
export class PluginModule implements Plugin {
  readonly #module: LockedModule;
  readonly #identity: PluginIdentity;
  readonly #configure: Operation<Settings, void>;
  readonly #hasCompactSpecs: boolean;

  constructor(module: LockedModule, identity: PluginIdentity, { hasCompactSpecs }: { hasCompactSpecs: boolean }) {
    this.#module = module;
    this.#identity = identity;
    this.#configure = configureOperation(() => identity.label);
    this.#hasCompactSpecs = hasCompactSpecs;
  }

  async name(): Promise<string> {
    if (this.#identity.override !== undefined) return this.#identity.override;
    const name = await this.#module.run(NAME, undefined);
    if (this.#module.isOpen) this.#identity.learn(name);
    return name;
  }

  metadata(): Promise<PluginMetadata | null> {
    return this.#module.run(METADATA, undefined);
  }

  tools(): Promise<readonly ToolDefinition[] | null> {
    return this.#module.run(TOOLS, undefined);
  }

  configure(settings: Settings): Promise<void> {
    return this.#module.runPriming(this.#configure, settings);
  }

  execute(tool: string, args: Readonly<Record<string, unknown>>, options?: ExecuteOptions): Promise<ToolResult> {
    return this.#module.run(EXECUTE, { tool, args }, options);
  }

  async healthy(): Promise<boolean> {
    if (this.#module.crashLooping) return false;
    try {
      return await this.#module.run(HEALTHY, undefined);
    } catch {
      return false;
    }
  }

  async compactSpecs(): Promise<CompactSpecs | null> {
    return this.#hasCompactSpecs ? await this.#module.run(COMPACT_SPECS, undefined) : null;
  }

  close(options: CloseOptions = {}): Promise<void> {
    return this.#module.close(options.drainMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async stats(): Promise<PluginStats> {
    return this.#module.stats();
  }
}
