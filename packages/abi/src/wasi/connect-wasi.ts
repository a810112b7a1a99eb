import { Descriptors } from './descriptors.ts';
import { Errno, WasiError } from './errno.ts';
import { fileCalls } from './file-calls.ts';
import { listingCalls } from './listing-calls.ts';
import { pathCalls } from './path-calls.ts';
import { pollCalls } from './poll-calls.ts';
import { processCalls } from './process-calls.ts';
import type { WasiCalls } from './wasi-calls.ts';
import { WasiMemory } from './wasi-memory.ts';
import type { WasiSystem } from './wasi-system.ts';

/** WASI preview 1 of one guest. */
export interface WasiConnection {
  readonly imports: WebAssembly.ModuleImports;
  /** Tells it where the guest's memory is; before the guest's first instruction that uses WASI, if there is one. */
  attach(exports: WebAssembly.Exports): void;
  /** Whether each descriptor still is what it was at first: a guest may close one, or put one in the place of another. */
  readonly isAsAtFirst: boolean;
  /** Closes what the guest has open. */
  close(): void;
}

/**
 * All functions of WASI preview 1 over what a host gives. Each answers an error number for whatever a guest passes; what
 * `system.exit` throws, and a fault of the host itself, comes out of the guest.
 *
 * Source: WebAssembly/WASI, preview1/docs.md
 */
export function connectWasi(system: WasiSystem): WasiConnection {
  const memory = new WasiMemory();
  const descriptors = new Descriptors(system.files);
  const calls: WasiCalls = {
    ...processCalls(system, memory),
    ...fileCalls(system, memory, descriptors),
    ...listingCalls(memory, descriptors),
    ...pathCalls(system, memory, descriptors),
    ...pollCalls(system, memory, descriptors),
  };
  return {
    imports: Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, answering(call)])),
    attach: ({ memory: exported }) => memory.attach(exported instanceof WebAssembly.Memory ? exported : undefined),
    get isAsAtFirst() {
      return descriptors.isAsAtFirst;
    },
    close: () => descriptors.closeAll(),
  };
}

function answering(call: (...args: never[]) => unknown): (...args: never[]) => number {
  return (...args) => {
    try {
      const answer = call(...args);
      return typeof answer === 'number' ? answer : Errno.success;
    } catch (error) {
      if (error instanceof WasiError) return error.errno;
      throw error;
    }
  };
}
