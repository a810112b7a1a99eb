import type { GuestFailure } from '@lockgate/runtime';

/** How one version has fared since it was started. */
export class VersionHealth {
  readonly #now: () => number;
  #failedAtMs: number[] = [];
  #last: GuestFailure | undefined;

  /** @param now - Milliseconds of a clock that never jumps. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get newest(): GuestFailure | undefined {
    return this.#last;
  }

  /** The newest failure, while calls of the version fail fast because of it. */
  get crashLoop(): GuestFailure | undefined {
    return this.#last?.isCrashLooping() ? this.#last : undefined;
  }

  /** Notes a failure. True, once, when it is the last of so many within so long; then counting begins again. */
  failed(failure: GuestFailure, limit: { readonly failures: number; readonly withinMs: number } | undefined): boolean {
    this.#last = failure;
    if (limit === undefined) return false;
    const now = this.#now();
    this.#failedAtMs.push(now);
    if (this.#failedAtMs.length > limit.failures) this.#failedAtMs.shift();
    const [oldest = now] = this.#failedAtMs;
    if (this.#failedAtMs.length < limit.failures || now - oldest > limit.withinMs) return false;
    this.#failedAtMs = [];
    return true;
  }
}
