/** Counts the requests that are being answered, so that closing can wait for them. */
export class Drain {
  #running = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  #isWaitedFor = false;

  get running(): number {
    return this.#running;
  }

  /** Whether somebody has asked for the end of what runs, so that nothing new is to begin. */
  get isWaitedFor(): boolean {
    return this.#isWaitedFor;
  }

  enter(): void {
    this.#running++;
  }

  leave(): void {
    this.#running--;
    if (this.#running > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Resolves when nothing runs, or after `timeoutMs`; true in the first case. */
  async settled(timeoutMs: number): Promise<boolean> {
    this.#isWaitedFor = true;
    if (this.#running === 0) return true;
    this.#idle ??= Promise.withResolvers();
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, timeoutMs, false);
    try {
      return await Promise.race([this.#idle.promise.then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
