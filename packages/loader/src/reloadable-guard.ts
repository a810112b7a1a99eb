import type {
  AgentLabelling,
  ResourceLabelling,
  ResourceRequest,
  ResponseLabelling,
  ResponseRequest,
} from '@lockgate/abi';
import {
  type CloseOptions,
  type Guard,
  type GuardCallOptions,
  type GuardStats,
  ModuleClosedError,
} from '@lockgate/runtime';
import type { GuardKind } from './guard-kind.ts';
import { type AfterClose, leaseCall } from './lease.ts';
import type { LoadedModule } from './loaded-module.ts';

const HEALTHY: AfterClose<boolean> = { isAnswer: (healthy) => !healthy, answer: () => false };

/**
 * A guard whose version changes under its callers without their noticing. It fails closed: there is no moment without a
 * version, and a version that refuses the policy in force never goes live.
 */
export class ReloadableGuard implements Guard {
  readonly #entry: LoadedModule<Guard, GuardKind>;
  readonly #unload: (drainMs?: number) => Promise<void>;

  constructor(entry: LoadedModule<Guard, GuardKind>, unload: (drainMs?: number) => Promise<void>) {
    this.#entry = entry;
    this.#unload = unload;
  }

  get name(): string {
    return this.#entry.name;
  }

  /** Asks again when the version was replaced while it answered: its successor must know the policy too. */
  async labelAgent(policy: unknown, options?: GuardCallOptions): Promise<AgentLabelling> {
    for (;;) {
      const { live } = this.#entry;
      const labelling = await this.#label((guard) => guard.labelAgent(policy, options));
      if (live !== this.#entry.live && this.#entry.live !== undefined) continue;
      this.#entry.kind.accepted(policy);
      return labelling;
    }
  }

  labelResource(request: ResourceRequest, options?: GuardCallOptions): Promise<ResourceLabelling> {
    return this.#label((guard) => guard.labelResource(request, options));
  }

  labelResponse(request: ResponseRequest, options?: GuardCallOptions): Promise<ResponseLabelling> {
    return this.#label((guard) => guard.labelResponse(request, options));
  }

  healthy(): Promise<boolean> {
    return leaseCall(this.#entry, HEALTHY, (guard) => guard.healthy());
  }

  /** Unloads the module: every later call rejects with RUNTIME_MODULE_CLOSED. */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#unload(options.drainMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The figures of the newest version alone. */
  async stats(): Promise<GuardStats> {
    const { newest } = this.#entry;
    if (newest === undefined) throw new ModuleClosedError({ module: this.#entry.name });
    return newest.module.stats();
  }

  #label<T>(call: (guard: Guard) => Promise<T>): Promise<T> {
    return leaseCall<Guard, T>(this.#entry, { isAnswer: () => false, answer: refuse }, call);
  }
}

/** A closed guard has no answer. */
function refuse({ name }: { readonly name: string }): never {
  throw new ModuleClosedError({ module: name });
}
