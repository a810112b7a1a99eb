import { GuestOutOfMemoryError } from './errors.ts';

/** The guest's two functions and how to speak of them. */
export interface AllocatorExports {
  /** The name of the allocating export, for errors. */
  readonly name: string;
  /** Answers a pointer, or 0 when there is no room. */
  readonly allocate: (byteLength: number) => number;
  readonly free: (pointer: number, byteLength: number) => void;
}

export interface AllocatorHooks {
  /** Called for every block that stays allocated for good, because freeing it trapped or has been given up. */
  readonly onLeak?: (byteLength: number) => void;
}

/** Takes and gives back blocks of guest memory with the guest's own allocator. */
export class Allocator {
  readonly #exports: AllocatorExports;
  readonly #onLeak: ((byteLength: number) => void) | undefined;
  #freeTraps = false;
  #freeing = true;
  #leakedBytes = 0;

  constructor(exports: AllocatorExports, hooks: AllocatorHooks = {}) {
    this.#exports = exports;
    this.#onLeak = hooks.onLeak;
  }

  /** Whether a `free` has trapped at least once. */
  get freeTraps(): boolean {
    return this.#freeTraps;
  }

  /** Bytes of all blocks that could not be freed. */
  get leakedBytes(): number {
    return this.#leakedBytes;
  }

  /** From now on the guest's `free` is not called any more; what it would have freed counts as leaked. */
  stopFreeing(): void {
    this.#freeing = false;
  }

  /**
   * Answers a pointer to so many bytes. That the block lies inside the memory is checked when it is written to.
   * A trap of the guest's allocator comes through as it is.
   *
   * @throws ABI_OUT_OF_MEMORY when the guest answers null.
   */
  allocate(byteLength: number): number {
    const pointer = this.#exports.allocate(byteLength) >>> 0;
    if (pointer === 0) throw new GuestOutOfMemoryError({ byteLength, allocator: this.#exports.name });
    return pointer;
  }

  /** Gives a block back. Never throws: a trap is a leak and nothing more. Source: ABI.md §1, "Freeing may trap". */
  free(pointer: number, byteLength: number): void {
    if (this.#freeing) {
      try {
        this.#exports.free(pointer, byteLength);
        return;
      } catch {
        this.#freeTraps = true;
      }
    }
    this.#leakedBytes += byteLength;
    this.#onLeak?.(byteLength);
  }
}

/** For `onLeak`: a trap leaves the guest's shadow stack pointer where it was, so a *free* that trapped is not called twice. */
export function stopAfterTrap(allocator: Allocator): void {
  if (allocator.freeTraps) allocator.stopFreeing();
}
