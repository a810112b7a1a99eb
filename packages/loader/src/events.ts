import type { GuestRole } from '@lockgate/abi';
import type { SwapRejectedError } from './errors.ts';
import type { VersionFacts } from './generation.ts';

/** Why a version went live. `failures`: the one before failed so often that it was rolled back; see `rollbackAfter`. */
export type SwapCause = 'load' | 'reload' | 'watch' | 'rollback' | 'failures';

/** A module came, with its first version. */
export interface LoadedEvent extends VersionFacts {
  readonly name: string;
  readonly kind: GuestRole;
}

/** A new version is live; `previous` takes no new call any more. */
export interface ReloadedEvent extends LoadedEvent {
  readonly cause: SwapCause;
  readonly previous: VersionFacts;
}

/** A new version was not taken. What was live stays live. */
export interface RejectedEvent {
  readonly name: string;
  readonly kind: GuestRole;
  readonly cause: SwapCause;
  readonly error: SwapRejectedError;
}

/** The name is gone: calls get the after-close answers from now on. */
export interface UnloadedEvent {
  readonly name: string;
  readonly kind: GuestRole;
}

/** A version that was replaced or unloaded is closed, and what it held is free again. */
export interface DrainedEvent extends LoadedEvent {
  /** What its close failed with; absent when all went well. */
  readonly error?: unknown;
}

/** All events of a loader. Each is told in the very step in which it happens. */
export interface LoaderEvents {
  readonly loaded: LoadedEvent;
  readonly reloaded: ReloadedEvent;
  readonly rejected: RejectedEvent;
  readonly unloaded: UnloadedEvent;
  readonly drained: DrainedEvent;
}
