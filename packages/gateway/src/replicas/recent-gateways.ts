/** Far more than share a store. */
const MAX_GATEWAYS = 1_000;

/** Something about each gateway that was last heard of. Each start has a name of its own, and one that was killed never says that it has ended. */
export class RecentGateways<T> {
  readonly #all = new Map<string, T>();

  /** It counts as heard of. */
  get(name: string): T | undefined {
    const found = this.#all.get(name);
    if (found !== undefined) this.set(name, found);
    return found;
  }

  set(name: string, value: T): void {
    this.#all.delete(name);
    this.#all.set(name, value);
    if (this.#all.size <= MAX_GATEWAYS) return;
    for (const oldest of this.#all.keys()) {
      this.#all.delete(oldest);
      return;
    }
  }

  delete(name: string): void {
    this.#all.delete(name);
  }
}
