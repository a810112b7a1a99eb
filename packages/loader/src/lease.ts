import { DrainTimeoutError } from './errors.ts';
import type { Generation, GuestModule } from './generation.ts';

/** What a lease is taken on: something whose live version changes. */
export interface Leasable<M extends GuestModule> {
  readonly name: string;
  /** Undefined before the first version, and for ever after the unload. */
  readonly live: Generation<M> | undefined;
}

/** How the after-close table answers one kind of call. Source: ABI.md §1, "After close". */
export interface AfterClose<T> {
  /** Whether a closed module gave this answer, instead of the guest. */
  readonly isAnswer: (answer: T) => boolean;
  /** What to answer when no version is live any more; may throw. */
  readonly answer: (entry: { readonly name: string }) => T;
}

/**
 * Makes one call on the live version. A call that a retiring version turned away before it started goes to the next
 * version by itself; one that had started and was cut when the drain time was over says so.
 *
 * @throws LOADER_DRAIN_TIMEOUT when the call was cut.
 */
export async function leaseCall<M extends GuestModule, T>(
  entry: Leasable<M>,
  afterClose: AfterClose<T>,
  call: (module: M, onStart: () => void) => Promise<T>,
): Promise<T> {
  for (let generation = entry.live; generation !== undefined; generation = entry.live) {
    let started = false;
    generation.leases += 1;
    try {
      const answer = await call(generation.module, () => {
        started = true;
      });
      if (!generation.retired || !afterClose.isAnswer(answer)) return answer;
    } catch (error) {
      if (!generation.retired || !isModuleClosed(error)) throw error;
    } finally {
      generation.leases -= 1;
    }
    if (started) {
      const { drainMs, facts } = generation;
      throw new DrainTimeoutError({ module: entry.name, generation: facts.generation, drainMs });
    }
  }
  return afterClose.answer(entry);
}

/** By code, not class: a runtime in another copy of the package has another class. */
function isModuleClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'RUNTIME_MODULE_CLOSED';
}
