/** A module that was compiled in this process, and what a repetition would take. */
export interface KeptModule {
  readonly module: WebAssembly.Module;
  readonly byteLength: number;
  readonly compileMs: number;
}

/** Where a cache finds the modules of its own process. */
export interface ModuleHolder {
  readonly bytes: number;
  readonly evictions: number;
  get(digest: string): KeptModule | undefined;
  set(digest: string, kept: KeptModule): void;
  clear(): void;
}

/**
 * Keeps modules by digest, the least recently used leaving first. A module counts with the size of its wasm bytes:
 * engines do not tell how much machine code they hold for it.
 */
export class ModuleMap implements ModuleHolder {
  readonly #kept = new Map<string, KeptModule>();
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

  get(digest: string): KeptModule | undefined {
    const kept = this.#kept.get(digest);
    if (!kept) return undefined;
    this.#kept.delete(digest);
    this.#kept.set(digest, kept); // a Map keeps insertion order: the last one is the most recently used
    return kept;
  }

  set(digest: string, kept: KeptModule): void {
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

/**
 * Finds modules for as long as somebody else uses them, and keeps none alive. Where code is on disk that is enough:
 * a module nobody holds is revived sooner than it would be worth its memory.
 */
export class LiveModules implements ModuleHolder {
  readonly bytes = 0;
  readonly evictions = 0;
  readonly #live = new Map<string, Omit<KeptModule, 'module'> & { readonly reference: WeakRef<WebAssembly.Module> }>();

  get(digest: string): KeptModule | undefined {
    const live = this.#live.get(digest);
    const module = live?.reference.deref();
    return live && module && { ...live, module };
  }

  set(digest: string, { module, ...facts }: KeptModule): void {
    for (const [other, { reference }] of this.#live) if (reference.deref() === undefined) this.#live.delete(other);
    this.#live.set(digest, { ...facts, reference: new WeakRef(module) });
  }

  clear(): void {
    this.#live.clear();
  }
}
