/** What each variable costs next to its key and value. Source: EXTISM.md §1.2, "Variables". */
const ENTRY_BYTES = 48;
const LIMIT_BYTES = 1024 * 1024;

const encoder = new TextEncoder();

/** What a guest keeps from call to call, for as long as its instance lives: at most 1 MiB, 48 bytes for each entry included. */
export class Variables {
  readonly #entries = new Map<string, { readonly value: Uint8Array; readonly cost: number }>();
  #cost = 0;

  get all(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#entries].map(([key, { value }]) => [key, value]));
  }

  get(key: string): Uint8Array | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Keeps a copy; false where there is no room for it beside the value that it replaces. */
  set(key: string, value: Uint8Array): boolean {
    const cost = ENTRY_BYTES + encoder.encode(key).length + value.length;
    if (this.#cost + cost > LIMIT_BYTES) return false;
    this.delete(key);
    this.#cost += cost;
    this.#entries.set(key, { value: value.slice(), cost });
    return true;
  }

  delete(key: string): void {
    this.#cost -= this.#entries.get(key)?.cost ?? 0;
    this.#entries.delete(key);
  }
}
