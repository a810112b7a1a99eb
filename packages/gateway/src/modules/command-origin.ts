import type { ModuleLimits, ModuleOrigin } from '../config/modules-section.ts';
import type { WasmServerEntry } from '../config/servers-section.ts';

/** Where the module of a whole server comes from, as of any other guest. */
export function commandOrigin({
  wasm,
  limits,
  hosts,
}: WasmServerEntry): ModuleOrigin & { readonly limits: ModuleLimits; readonly hosts: readonly string[] } {
  return { path: wasm, limits, hosts };
}
