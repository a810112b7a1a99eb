import type { GuestRole } from '@lockgate/abi';
import type { GuestFailure } from '@lockgate/runtime';
import type { GuestModule } from './generation.ts';

/** What a version says about itself once it runs. */
export interface ModuleIdentity {
  readonly name: string;
  readonly version: string | null;
}

/** What differs between the roles of guests when a version is changed; one object per loaded module. */
export interface ModuleKind<M extends GuestModule> {
  readonly role: GuestRole;
  /** Compiles, links and starts a version, and gives it the current settings. */
  open(bytes: Uint8Array, name: string | undefined, onFailure: (failure: GuestFailure) => void): Promise<M>;
  /** Asks a started version all that must hold before it may go live. */
  examine(module: M, signal: AbortSignal): Promise<ModuleIdentity>;
  /**
   * Brings a started version up to what its predecessor was told since. Undefined when there is nothing left: then, and
   * in the same step, the version may go live.
   */
  catchUp(module: M): Promise<void> | undefined;
}

/** A listener of the loader's own, and after it the one that the options have, if any. */
export function tellBoth<T>(own: (what: T) => void, given: ((what: T) => void) | undefined): (what: T) => void {
  return (what) => {
    own(what);
    given?.(what);
  };
}
