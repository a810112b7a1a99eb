import { createRuntime, type Isolation, type Plugin, type PluginOptions, type RuntimeOptions } from '../src/index.ts';

import { built } from './built-runtime.ts';

/** One plugin in a runtime of its own, with everything that it and the runtime said. */
export interface OpenPlugin extends AsyncDisposable {
  readonly plugin: Plugin;
  /** What the guest logged. */
  readonly lines: string[];
  /** What the runtime warned of. */
  readonly warnings: { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[];
}

/** Opens a plugin; leaving its scope closes the runtime. */
export async function openPlugin(
  bytes: Uint8Array,
  options: PluginOptions = {},
  runtimeOptions: RuntimeOptions = {},
  from: { readonly createRuntime: typeof createRuntime } = runtimeFor(options.isolation),
): Promise<OpenPlugin> {
  const lines: string[] = [];
  const warnings: OpenPlugin['warnings'] = [];
  const warn = (fields: object, message: string): void => {
    warnings.push({ fields: fields as Record<string, unknown>, message });
  };
  const quiet = (): void => {};
  const logger = { debug: quiet, info: quiet, warn, error: warn };
  const runtime = await from.createRuntime({ logger, ...runtimeOptions });
  try {
    const plugin = await runtime.loadPlugin(bytes, { onGuestLog: (_level, line) => lines.push(line), ...options });
    return { plugin, lines, warnings, [Symbol.asyncDispose]: () => runtime.close() };
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** The runtime from source, or for workers the built one. */
export function runtimeFor(isolation: Isolation | undefined): { readonly createRuntime: typeof createRuntime } {
  return isolation === 'inline' ? { createRuntime } : built;
}
