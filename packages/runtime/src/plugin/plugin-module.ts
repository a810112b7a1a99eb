import type { MethodCall, PluginCodec, PluginMetadata, ToolCall, ToolDefinition, ToolResult } from '@lockgate/abi';
import { ConfigureRejectedError, ModuleClosedError } from '../errors.ts';
import { type LockedModule, type ModuleOperation, moduleOperation, type Primer } from '../instance/locked-module.ts';
import type { CloseOptions, ExecuteOptions, Plugin, PluginFeatures, PluginStats } from './plugin.ts';

type Settings = Readonly<Record<string, string>>;
type JsonObject = Readonly<Record<string, unknown>>;
type CompactSpecs = Readonly<Record<string, readonly string[]>>;

/** What of a guest's own name is used in errors and logs, in characters. */
const MAX_LABEL_LENGTH = 100;

const nothing = (): null => null;
const CLOSED: ToolResult = Object.freeze({ data: 'wasm: module closed', isError: true });

/** What can be asked of a plugin of one dialect; what its codec leaves out is undefined. */
interface PluginOperations {
  readonly name: ModuleOperation<undefined, string> | undefined;
  readonly metadata: ModuleOperation<undefined, PluginMetadata | null> | undefined;
  readonly tools: ModuleOperation<undefined, readonly ToolDefinition[] | null>;
  readonly configure: ModuleOperation<Settings, void> | undefined;
  readonly execute: ModuleOperation<ToolCall, ToolResult>;
  readonly healthy: ModuleOperation<undefined, boolean> | undefined;
  readonly compactSpecs: ModuleOperation<undefined, CompactSpecs | null> | undefined;
  readonly methods: ReadonlyMap<string, ModuleOperation<MethodCall, JsonObject | null>>;
}

/** Each question with what a closed plugin answers instead. Source: ABI.md §1, "After close". */
function pluginOperations(codec: PluginCodec, label: () => string): PluginOperations {
  const { name, metadata, tools, execute, healthy, compactSpecs, methods = {} } = codec;
  return {
    name: name && moduleOperation(name, () => 'unknown'),
    metadata: metadata && moduleOperation<undefined, PluginMetadata | null>(metadata, nothing),
    tools: moduleOperation<undefined, readonly ToolDefinition[] | null>(tools, nothing),
    configure: configureOperation(codec, label),
    execute: moduleOperation(execute, () => CLOSED),
    healthy: healthy && moduleOperation(healthy, () => false),
    compactSpecs: compactSpecs && moduleOperation<undefined, CompactSpecs | null>(compactSpecs, nothing),
    methods: new Map(
      Object.entries(methods).map(([method, operation]) => [
        method,
        moduleOperation<MethodCall, JsonObject | null>(operation, nothing),
      ]),
    ),
  };
}

function configureOperation({ configure }: PluginCodec, label: () => string): PluginOperations['configure'] {
  if (configure === undefined) return undefined;
  const { exportName, encode, decode } = configure;
  const accept = (answer: never): void => {
    const reason = decode(answer);
    if (reason !== undefined) throw new ConfigureRejectedError({ module: label(), reason });
  };
  return moduleOperation({ exportName, encode, decode: accept }, () => {
    throw new ModuleClosedError({ module: label() });
  });
}

/** What tells an instance the settings before its first call. @throws RUNTIME_CONFIGURE_REJECTED where it takes none */
export function settingsPrimer(codec: PluginCodec, settings: Settings, label: () => string): Primer {
  const operation = configureOperation(codec, label);
  if (operation === undefined) throw takesNoSettings(label());
  const { exportName, encode, decode } = operation;
  return { exportName, decode, input: encode(settings) ?? '', ticket: 0 };
}

function takesNoSettings(module: string): ConfigureRejectedError {
  return new ConfigureRejectedError({ module, reason: 'guests of its dialect take none' });
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
  readonly #operations: PluginOperations;
  readonly #execute: ModuleOperation<ToolCall, ToolResult>;
  readonly #features: PluginFeatures;

  constructor(module: LockedModule, identity: PluginIdentity, codec: PluginCodec, usesFunctions: boolean) {
    this.#module = module;
    this.#identity = identity;
    this.#operations = pluginOperations(codec, () => identity.label);
    this.#execute = this.#operations.execute;
    this.#features = { methods: Object.keys(codec.methods ?? {}), usesFunctions };
  }

  async name(): Promise<string> {
    const { override, label } = this.#identity;
    if (override !== undefined) return override;
    const { name } = this.#operations;
    if (name === undefined) return this.#module.isOpen ? label : 'unknown';
    const said = await this.#module.run(name, undefined);
    if (this.#module.isOpen) this.#identity.learn(said);
    return said;
  }

  async metadata(): Promise<PluginMetadata | null> {
    const { metadata } = this.#operations;
    return metadata ? await this.#module.run(metadata, undefined) : null;
  }

  tools(): Promise<readonly ToolDefinition[] | null> {
    return this.#module.run(this.#operations.tools, undefined);
  }

  async configure(settings: Settings): Promise<void> {
    const { configure } = this.#operations;
    if (configure) return await this.#module.runPriming(configure, settings);
    throw this.#module.isOpen
      ? takesNoSettings(this.#identity.label)
      : new ModuleClosedError({ module: this.#identity.label });
  }

  execute(tool: string, args: Readonly<Record<string, unknown>>, options?: ExecuteOptions): Promise<ToolResult> {
    return this.#module.run(this.#execute, { tool, args, meta: options?.meta }, options);
  }

  async features(): Promise<PluginFeatures | null> {
    return this.#module.isOpen ? this.#features : null;
  }

  async request(method: string, params: JsonObject, options?: ExecuteOptions): Promise<JsonObject | null> {
    const operation = this.#operations.methods.get(method);
    if (operation === undefined) throw new TypeError(`The plugin "${this.#identity.label}" has no method "${method}".`);
    return this.#module.run(operation, { params, meta: options?.meta }, options);
  }

  async healthy(): Promise<boolean> {
    if (this.#module.crashLooping) return false;
    const { healthy } = this.#operations;
    if (healthy === undefined) return this.#module.isOpen;
    try {
      return await this.#module.run(healthy, undefined);
    } catch {
      return false;
    }
  }

  async compactSpecs(): Promise<CompactSpecs | null> {
    const { compactSpecs } = this.#operations;
    return compactSpecs ? await this.#module.run(compactSpecs, undefined) : null;
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
