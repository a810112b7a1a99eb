interface Kept {
  readonly module: WebAssembly.Module;
  readonly byteLength: number;
  readonly compileMs: number;
}

/**
 * Compiled modules by digest, the least recently used leaving first. A module counts with the size of its wasm
 * bytes: engines do not tell how much machine code they hold for it.
 */
export class ModuleMap {
  readonly #kept = new Map<string, Kept>();
  readonly #maxBytes: number;
  #bytes = 0;
  #evictions = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get evictions(): number {
    return this.#evictions;
  }

  get(digest: string): Kept | undefined {
    const kept = this.#kept.get(digest);
    if (!kept) return undefined;
    this.#kept.delete(digest);
    this.#kept.set(digest, kept); // a Map keeps insertion order: the last one is the most recently used
    return kept;
  }

  set(digest: string, kept: Kept): void {
    if (kept.byteLength > this.#maxBytes) return;
    this.#kept.set(digest, kept);
    this.#bytes += kept.byteLength;
    for (const [oldest, { byteLength }] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= byteLength;
      this.#evictions++;
    }
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }
}
