/** Lets callers who want the same work share one run of it. A failed run is shared too, but never remembered. */
export class SingleFlight<K, V> {
  readonly #running = new Map<K, Promise<V>>();

  /** Joins the run of `key` that is under way, or starts `work`. */
  run(key: K, work: () => Promise<V>): Promise<V> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = work().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }

  /** Resolves when everything that runs now has ended, well or badly. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }
}
