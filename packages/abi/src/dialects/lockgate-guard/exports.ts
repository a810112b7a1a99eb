import { Allocator, type AllocatorHooks } from '../../allocator.ts';
import { ModuleShapeError } from '../../errors.ts';
import { GuestMemory } from '../../guest-memory.ts';
import { bindStart, MISSING_MEMORY, missingFunction } from '../../module-shape.ts';

/** One of a guard's three functions. */
export type GuardExportName = 'label_agent' | 'label_resource' | 'label_response';

const LABEL_SIGNATURE = '(i32, i32, i32, i32) -> i32';

/** The functions that every guard exports, and their type. Source: ABI.md §2. */
export const GUARD_SIGNATURES: Readonly<Record<GuardExportName, string>> = {
  label_agent: LABEL_SIGNATURE,
  label_resource: LABEL_SIGNATURE,
  label_response: LABEL_SIGNATURE,
};

/** A guard's allocator, which it may leave out; it counts only when both halves are there. */
export const GUARD_ALLOCATOR = {
  allocate: { names: ['alloc'], signature: '(i32) -> i32', optional: true },
  free: { names: ['dealloc'], signature: '(i32, i32) -> ()', optional: true },
} as const;

/** A guard's function: pointers and lengths of the input and the output buffer, in bytes; answers bytes or a code. */
export type GuardFunction<R = number> = (
  inputPointer: number,
  inputLength: number,
  outputPointer: number,
  outputCapacity: number,
) => R;

export interface GuardBinding extends AllocatorHooks {
  /** Called at the first call that has to put buffers at the end of memory, over whatever the guest has there. */
  readonly onDirectPlacement?: (exportName: GuardExportName) => void;
}

/** A guard instance's exports. The functions are the raw ones; messages pass through `callGuard`. */
export interface GuardExports {
  readonly memory: GuestMemory;
  /** Absent when the guard does not export both halves: buffers are then placed at the end of memory. */
  readonly allocator?: Allocator;
  readonly functions: Readonly<Record<GuardExportName, GuardFunction>>;
  readonly onDirectPlacement: (exportName: GuardExportName) => void;
  /** To be called once, before anything else. */
  readonly start?: () => void;
}

/**
 * Finds a guard's exports in an instance. Their types cannot be seen here: `inspectModule` checks them.
 *
 * @throws ABI_WRONG_SHAPE listing everything that is missing.
 */
export function bindGuard(exports: WebAssembly.Exports, binding: GuardBinding = {}): GuardExports {
  const { memory, alloc, dealloc } = exports;
  const missing = Object.entries(GUARD_SIGNATURES)
    .filter(([name]) => typeof exports[name] !== 'function')
    .map(([name, signature]) => missingFunction(name, signature));
  if (!(memory instanceof WebAssembly.Memory)) missing.unshift(MISSING_MEMORY);
  if (missing.length > 0) throw new ModuleShapeError({ abi: 'guard', missing });

  const allocate = alloc as (byteLength: number) => number;
  const free = dealloc as (pointer: number, byteLength: number) => void;
  const allocates = typeof alloc === 'function' && typeof dealloc === 'function';
  let told = false;
  return {
    memory: new GuestMemory(memory as WebAssembly.Memory),
    ...(allocates ? { allocator: new Allocator({ name: 'alloc', allocate, free }, binding) } : {}),
    functions: exports as unknown as Record<GuardExportName, GuardFunction>,
    onDirectPlacement: (exportName) => {
      if (told) return;
      told = true;
      binding.onDirectPlacement?.(exportName);
    },
    ...bindStart(exports),
  };
}
