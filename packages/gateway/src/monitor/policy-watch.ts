import { LockgateError } from '@lockgate/abi/without-guests';
import type { LabelGuard } from './rule.ts';

export interface PolicyWatchOptions {
  /** Tells the version of the guard that is live from others. */
  readonly version: () => string | undefined;
  /** Told of a refusal, and not again until the guard refuses for another reason or has taken the policy. */
  readonly onRefusal: (error: unknown) => void;
}

/**
 * What a guard says of the policy of one server. One that refuses it is in service, and yet every call is denied: nobody
 * would see that but those who call.
 */
export class PolicyWatch {
  readonly #options: PolicyWatchOptions;
  #refusal: { readonly message: string; readonly version: string | undefined } | undefined;

  constructor(options: PolicyWatchOptions) {
    this.#options = options;
  }

  /** Why the policy is refused; undefined while it is taken, or where the version that is live has not been asked. */
  get refusal(): string | undefined {
    return this.#refusal?.version === this.#options.version() ? this.#refusal?.message : undefined;
  }

  /** The same guard, whose answers about the policy are noted here. */
  over(guard: LabelGuard): LabelGuard {
    return {
      labelAgent: async (policy, options) => {
        const version = this.#options.version();
        try {
          const labelling = await guard.labelAgent(policy, options);
          this.#refusal = undefined;
          return labelling;
        } catch (error) {
          if (isRefusal(error)) this.#note(error, version);
          throw error;
        }
      },
      labelResource: (request, options) => guard.labelResource(request, options),
      labelResponse: (request, options) => guard.labelResponse(request, options),
    };
  }

  #note(error: LockgateError, version: string | undefined): void {
    const isKnown = this.refusal === error.message;
    this.#refusal = { message: error.message, version };
    if (!isKnown) this.#options.onRefusal(error);
  }
}

/** A guard that ended or took too long has said nothing of the policy. */
function isRefusal(error: unknown): error is LockgateError {
  return LockgateError.isInstance(error) && error.code === 'ABI_POLICY_REJECTED';
}
