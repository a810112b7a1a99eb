import { Allocator, type AllocatorHooks } from '../../allocator.ts';
import { ModuleShapeError } from '../../errors.ts';
import type { ExchangeGuest } from '../../exchange.ts';
import { GuestMemory } from '../../guest-memory.ts';
import { bindStart, MISSING_MEMORY, missingFunction } from '../../module-shape.ts';

const DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** The functions that a plugin exports, and their types; `compact_specs` alone may be left out. Source: ABI.md §1. */
export const PLUGIN_SIGNATURES = {
  name: '() -> i64',
  metadata: '() -> i64',
  tools: '() -> i64',
  configure: '(i64) -> i64',
  execute: '(i64) -> i64',
  healthy: '() -> i32',
  compact_specs: '() -> i64',
} as const;

/** The two halves of a plugin's allocator: the names each is looked for under, the first found wins, and its type. */
export const PLUGIN_ALLOCATOR = {
  allocate: { names: ['malloc', 'guest_malloc'], signature: '(i32) -> i32' },
  free: { names: ['free', 'guest_free'], signature: '(i32) -> ()' },
} as const;

export interface PluginBinding extends AllocatorHooks {
  /** Longest message in either direction, in bytes. @default 67_108_864 (64 MiB) */
  readonly maxMessageBytes?: number;
}

/** A plugin instance's exports. The functions are the raw ones; messages pass through `exchange`. */
export interface PluginExports extends ExchangeGuest {
  readonly name: () => bigint;
  readonly metadata: () => bigint;
  readonly tools: () => bigint;
  readonly configure: (settings: bigint) => bigint;
  readonly execute: (call: bigint) => bigint;
  readonly healthy: () => number;
  readonly compactSpecs?: () => bigint;
  /** To be called once, before anything else. */
  readonly start?: () => void;
}

/**
 * Finds a plugin's exports in an instance. Their types cannot be seen here: `inspectModule` checks them.
 *
 * @throws ABI_WRONG_SHAPE listing everything that is missing.
 */
export function bindPlugin(exports: WebAssembly.Exports, binding: PluginBinding = {}): PluginExports {
  const missing: string[] = [];
  const { memory } = exports;
  if (!(memory instanceof WebAssembly.Memory)) missing.push(MISSING_MEMORY);
  const need = (names: readonly string[], signature: string): { name: string; call: (...args: unknown[]) => never } => {
    const name = names.find((candidate) => typeof exports[candidate] === 'function');
    if (name === undefined) missing.push(missingFunction(names.join('" or "'), signature));
    return { name: name ?? '', call: exports[name ?? ''] as () => never };
  };
  const needed = (name: keyof typeof PLUGIN_SIGNATURES): ((...args: unknown[]) => never) =>
    need([name], PLUGIN_SIGNATURES[name]).call;

  const functions = {
    name: needed('name'),
    metadata: needed('metadata'),
    tools: needed('tools'),
    configure: needed('configure'),
    execute: needed('execute'),
    healthy: needed('healthy'),
  };
  const allocate = need(PLUGIN_ALLOCATOR.allocate.names, PLUGIN_ALLOCATOR.allocate.signature);
  const free = need(PLUGIN_ALLOCATOR.free.names, PLUGIN_ALLOCATOR.free.signature);
  if (missing.length > 0) throw new ModuleShapeError({ abi: 'plugin', missing });

  const compactSpecs = exports.compact_specs;
  return {
    memory: new GuestMemory(memory as WebAssembly.Memory),
    allocator: new Allocator({ name: allocate.name, allocate: allocate.call, free: free.call }, binding),
    maxMessageBytes: binding.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    ...functions,
    ...(typeof compactSpecs === 'function' ? { compactSpecs: compactSpecs as () => bigint } : {}),
    ...bindStart(exports),
  };
}
