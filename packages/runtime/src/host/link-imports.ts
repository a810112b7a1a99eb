import type { Dialect, GuestConnection, HostFunction } from '@lockgate/abi';
import type { WasiGrants } from '../options.ts';
import type { GuestLog } from './guest-log.ts';
import { suspending } from './suspend.ts';
import type { WasiHost } from './wasi.ts';

const WASI = 'wasi_snapshot_preview1';

/** How a host function waits for something outside: its thread blocks, or the guest is suspended. */
export type Waiting = 'blocks' | 'suspends';

interface WasiNeeds {
  readonly module: WebAssembly.Module;
  readonly dialect: Dialect;
  readonly log: GuestLog;
  readonly grants: WasiGrants;
}

/** WASI for a module that imports it. It is loaded only then: most guests do without, and each worker would pay for it. */
export async function wasiFor({ module, dialect, log, grants }: WasiNeeds): Promise<WasiHost | undefined> {
  const imports = WebAssembly.Module.imports(module);
  if (!dialect.wasi || !imports.some((entry) => entry.module === WASI)) return undefined;
  const { createWasi } = await import('./wasi.ts');
  return createWasi(log, grants);
}

/**
 * What the module imports, out of what its dialect has for it. Nothing else is made: an engine that cannot suspend
 * WebAssembly still runs a guest that imports nothing that waits.
 */
export function linkImports(
  module: WebAssembly.Module,
  { imports, given }: GuestConnection,
  waiting: Waiting,
  wasi: WasiHost | undefined,
  givenModule?: string,
): WebAssembly.Imports {
  const linked: Record<string, WebAssembly.ModuleImports> = wasi ? { [WASI]: wasi.imports } : {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    const own = Object.hasOwn(imports, from) ? imports[from] : undefined;
    const known = own && Object.hasOwn(own, name) ? own[name] : undefined;
    const hostFunction = known ?? (from === givenModule ? given?.(name) : undefined);
    if (hostFunction === undefined) continue;
    linked[from] ??= {};
    linked[from][name] = linkFunction(hostFunction, waiting);
  }
  return linked;
}

/** One function of the dialect, for either way of waiting. */
function linkFunction(hostFunction: HostFunction, waiting: Waiting): WebAssembly.ImportValue {
  if (typeof hostFunction === 'function') return hostFunction;
  const { ask, finish } = hostFunction as {
    readonly ask: (...args: unknown[]) => unknown;
    readonly finish: (asked: unknown, ...args: unknown[]) => unknown;
  };
  if (waiting === 'blocks') return (...args: unknown[]) => finish(ask(...args), ...args);
  return suspending(async (...args: unknown[]) => finish(await ask(...args), ...args));
}
