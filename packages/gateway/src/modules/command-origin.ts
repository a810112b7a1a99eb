import type { ModuleOrigin } from '../config/modules-section.ts';
import type { WasmServerEntry } from '../config/servers-section.ts';

/** Where the module of a whole server comes from, as of any other guest. */
export function commandOrigin({
  wasm,
  limits,
  hosts,
  storage,
}: WasmServerEntry): ModuleOrigin & Pick<WasmServerEntry, 'limits' | 'hosts' | 'storage'> {
  return { path: wasm, limits, hosts, storage };
}
