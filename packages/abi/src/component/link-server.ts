import { serverEntryOf } from './component-server.ts';
import { exportedFunction } from './exported-function.ts';
import { type CompiledComponent, type LinkSetup, linkComponent } from './link-component.ts';

/** An instance of a component that is a whole server. */
export interface LinkedServer {
  /** Its entry point: `run` of `wasi:cli/run`, or `handle` of `wasi:http/incoming-handler`; a promise where it may be suspended. */
  readonly enter: (args: readonly unknown[]) => unknown;
  /** Linear memory that can be seen, in bytes. */
  readonly memoryBytes: number;
}

/** Makes an instance of a component and finds its entry point. @throws as `linkComponent`, and a LinkError where it has no entry point */
export function linkServer(component: CompiledComponent, setup: LinkSetup): LinkedServer {
  const entry = serverEntryOf(component);
  if (entry === undefined) throw new WebAssembly.LinkError('the component has no entry point of a server');
  const linked = linkComponent(component, setup);
  return {
    enter: exportedFunction(linked, entry.interfaceName, entry.name),
    get memoryBytes() {
      return bytesOf(linked.memories);
    },
  };
}

/** How much memory an instance has, as far as it can be seen. */
export function bytesOf(memories: ReadonlySet<WebAssembly.Memory>): number {
  return [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
