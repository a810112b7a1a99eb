/** How long a list of many servers waits for what one of them offers, in milliseconds. */
export const LISTS_WAIT_MS = 3_000;

/** Waits once for what may take long: who comes after a wait that was in vain gets what there is instead, until it is there. */
export class FirstWaits {
  readonly #late = new Set<string>();

  /**
   * What `find` gives, or `instead` where that takes longer than so many milliseconds, or took somebody else longer.
   *
   * @param key - What is waited for.
   * @param onLate - Told when it comes after all.
   */
  once<T>(key: string, ms: number, find: () => Promise<T>, instead: () => T, onLate: () => void): T | Promise<T> {
    if (this.#late.has(key)) return instead();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => {
      this.#late.add(key);
      resolve(instead());
    }, ms);
    const settle = (): boolean => {
      clearTimeout(timer);
      return this.#late.delete(key);
    };
    find().then(
      (found) => {
        resolve(found);
        if (settle()) onLate();
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
    return promise;
  }
}
