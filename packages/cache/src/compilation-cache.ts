/** What a cache has done since it was opened, and what it holds now. */
export interface CacheStats {
  readonly kind: 'disk' | 'memory';
  /** Compiles answered with code that was there already, on disk or in this process. */
  readonly hits: number;
  /** Compiles that the engine had to do. */
  readonly misses: number;
  /** Whole entries of another engine, other flags or another module that stood where ours belongs. */
  readonly stale: number;
  /** Damaged entries; each was removed and its module compiled again. */
  readonly corrupt: number;
  /** Entries written or improved. */
  readonly writes: number;
  /** Entries, or modules in memory, that left to keep within `maxBytes`. */
  readonly evictions: number;
  /** Size of all entries in the directory, in bytes; in memory, of the wasm bytes of the modules held. */
  readonly bytes: number;
  /** Estimate of the processor time that hits spared, in milliseconds. */
  readonly savedMs: number;
  readonly optimizer: OptimizerStats;
}

/** What the background optimiser of this cache does. */
export interface OptimizerStats {
  /** `off`: switched off or memory only; `unavailable`: it cannot run here, `lastFailure` says why. */
  readonly state: 'off' | 'idle' | 'running' | 'unavailable';
  readonly runs: number;
  readonly failures: number;
  readonly lastFailure?: string;
}

/** How one compile wants to be done. */
export interface CompileOptions {
  /** What messages and errors call the module. @default its digest, shortened */
  readonly name?: string;
  /** Builtins the engine provides at compile time. Such modules are never cached. Source: WebAssembly JS String Builtins. */
  readonly builtins?: readonly string[];
  /** Module name whose imports are string constants; such modules are never cached either. */
  readonly importedStringConstants?: string;
}

/** Compiles WebAssembly modules and keeps what was compiled. Modules stay valid after it is closed. */
export interface CompilationCache extends AsyncDisposable {
  readonly kind: 'disk' | 'memory';
  /** Why the disk is not used, in plain words; absent where it is. */
  readonly reason?: string;
  /**
   * Gives the module of these bytes, with the optimised code of earlier processes where there is any.
   *
   * @throws CACHE_COMPILE when the bytes are no module that this engine accepts.
   * @throws CACHE_CLOSED after `close()`.
   */
  compile(bytes: Uint8Array, options?: CompileOptions): Promise<WebAssembly.Module>;
  stats(): CacheStats;
  /** Waits for compiles and writes under way, ends the optimiser, refuses later compiles. Can be called again. */
  close(): Promise<void>;
}
