import type { GuestFailure } from '@lockgate/runtime';
import type { GuestModule } from './generation.ts';
import type { ModuleIdentity, ModuleKind } from './module-kind.ts';

/** What a warm-up is given from its surroundings. */
export interface WarmUp {
  readonly bytes: Uint8Array;
  /** The name to give the version; undefined lets the guest say it. */
  readonly name: string | undefined;
  /** Ends the warm-up early: the version is closed at once, which ends the calls made on it. */
  readonly signal: AbortSignal;
  /** Told of every failure of the version, from its start to its close. */
  readonly onFailure: (failure: GuestFailure) => void;
}

/**
 * Starts a version beside the live one and examines it, then calls `goLive` in the same step in which the last of its
 * examinations ends. When anything fails, or the signal ends it, whatever was started is closed before this rejects.
 */
export async function warmUp<M extends GuestModule, R>(
  kind: ModuleKind<M>,
  { bytes, name, signal, onFailure }: WarmUp,
  goLive: (module: M, identity: ModuleIdentity) => R,
): Promise<R> {
  const module = await kind.open(bytes, name, onFailure);
  const discard = (): Promise<void> => module.close({ drainMs: 0 }).catch(() => undefined); // the first error counts
  signal.addEventListener('abort', discard);
  try {
    signal.throwIfAborted();
    const identity = await kind.examine(module, signal);
    for (let step = kind.catchUp(module); step !== undefined; step = kind.catchUp(module)) await step;
    signal.throwIfAborted();
    return goLive(module, identity);
  } catch (error) {
    await discard();
    throw error;
  } finally {
    signal.removeEventListener('abort', discard);
  }
}
