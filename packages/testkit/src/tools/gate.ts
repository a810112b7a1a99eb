/**
 * A point in time that a test holds: whoever passes waits until the test opens.
 *
 * @example
 * const gate = new Gate();
 * const call = plugin.execute('fetch-then-echo', { message: 'a' }); // its fetch is `() => gate.pass()`
 * await gate.reached; // the call is inside, and stays there
 * gate.open();
 */
export class Gate {
  readonly #reached = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();
  #waiting = 0;
  #open = false;

  /** Resolves when the first one has come to the gate. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  /** How many callers wait at the gate now. */
  get waiting(): number {
    return this.#open ? 0 : this.#waiting;
  }

  /** Waits until the gate is open. When the signal fires first, rejects with its reason and no longer counts as waiting. */
  async pass(signal?: AbortSignal | null): Promise<void> {
    this.#waiting += 1;
    this.#reached.resolve();
    if (!signal) return this.#opened.promise;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => {
      this.#waiting -= 1;
      aborted.reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#opened.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Lets everyone through, now and later. */
  open(): void {
    this.#open = true;
    this.#opened.resolve();
  }
}
