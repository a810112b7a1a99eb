import type { LabelGuard } from './rule.ts';

/** After a failed load the next call tries again, but not more often than this. */
const RETRY_MS = 1_000;

export interface GuardServiceOptions {
  /** The guard as the configuration calls it. */
  readonly guardName: string;
  /** Loads the guard; called again after a failure. */
  readonly load: () => Promise<LabelGuard>;
  /** Told of a failure, and not again until it fails for another reason or has been in service. */
  readonly onFailure: (error: unknown) => void;
  readonly now: () => number;
}

/**
 * One guard in front of one server. A guard that cannot be loaded denies every call, and each call, at most once a
 * second, tries again: the first good version restores service by itself.
 */
export class GuardService {
  readonly guardName: string;
  readonly #options: GuardServiceOptions;
  #guard: Promise<LabelGuard> | undefined;
  #failure: { readonly error: unknown; readonly at: number } | undefined;

  constructor(options: GuardServiceOptions) {
    this.guardName = options.guardName;
    this.#options = options;
  }

  /** Why the guard is not in service; undefined while it is, or while it is being loaded. */
  get failure(): unknown {
    return this.#failure?.error;
  }

  /** The guard in service. Rejects with the reason while there is none. */
  inService(): Promise<LabelGuard> {
    if (this.#guard !== undefined) return this.#guard;
    const { load, now, onFailure } = this.#options;
    if (this.#failure && now() - this.#failure.at < RETRY_MS) return Promise.reject(this.#failure.error);
    const guard = load();
    this.#guard = guard;
    guard.then(
      () => {
        this.#failure = undefined;
      },
      (error) => {
        const isKnown = this.#failure !== undefined && reasonOf(this.#failure.error) === reasonOf(error);
        this.#guard = undefined;
        this.#failure = { error, at: now() };
        if (!isKnown) onFailure(error);
      },
    );
    return guard;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
