export type LifecycleState = 'open' | 'closing' | 'closed';

/** The state of a thing between open and closed, and the one promise of its closing. */
export class Lifecycle {
  #state: LifecycleState = 'open';
  #closing: Promise<void> | undefined;

  get state(): LifecycleState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /**
   * Marks it as closing before anything else, runs `shutDown` once, and marks it closed whatever came of it.
   * Every caller gets the same promise.
   */
  close(shutDown: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#run(shutDown);
    return this.#closing;
  }

  async #run(shutDown: () => Promise<void>): Promise<void> {
    this.#state = 'closing';
    try {
      await shutDown();
    } finally {
      this.#state = 'closed';
    }
  }
}
