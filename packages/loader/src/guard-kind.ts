import type { Guard, GuardOptions, GuestFailure } from '@lockgate/runtime';
import { type ModuleIdentity, type ModuleKind, tellBoth } from './module-kind.ts';

/** What starts guards. `Runtime` of `@lockgate/runtime` is one. */
export interface GuardRuntime {
  loadGuard(bytes: Uint8Array, options: GuardOptions): Promise<Guard>;
}

const NONE: unique symbol = Symbol('no policy yet');

/** Warms guards up: a version goes live only after it has accepted the policy that is in force. */
export class GuardKind implements ModuleKind<Guard> {
  readonly role = 'guard';
  readonly #runtime: GuardRuntime;
  readonly #options: GuardOptions;
  #policy: unknown = NONE;
  /** The policy that each version which is not live yet has accepted. */
  readonly #replayed = new WeakMap<Guard, unknown>();

  constructor(runtime: GuardRuntime, options: GuardOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  open(bytes: Uint8Array, _name: string | undefined, onFailure: (failure: GuestFailure) => void): Promise<Guard> {
    const options = { ...this.#options, onFailure: tellBoth(onFailure, this.#options.onFailure) };
    return this.#runtime.loadGuard(bytes, options);
  }

  async examine(guard: Guard): Promise<ModuleIdentity> {
    return { name: guard.name, version: null };
  }

  catchUp(guard: Guard): Promise<void> | undefined {
    const policy = this.#policy;
    if (policy === NONE || this.#replayed.get(guard) === policy) return undefined;
    return guard.labelAgent(policy).then(() => {
      this.#replayed.set(guard, policy);
    });
  }

  /** Remembers the policy that the live version has just accepted. */
  accepted(policy: unknown): void {
    this.#policy = policy;
  }
}
