/** Retries that may be spent at once after a quiet time. */
const MAX_RETRIES = 10;

/** What each call puts in: at most every tenth request is a retry. */
const PER_CALL = 0.1;

/** Keeps retries a small part of all calls, so that a server in trouble is not drowned in them. */
export class RetryBudget {
  #tokens = MAX_RETRIES;

  /** A call that is no retry. */
  earn(): void {
    this.#tokens = Math.min(MAX_RETRIES, this.#tokens + PER_CALL);
  }

  /** Whether one more retry is allowed; it is paid for then. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
