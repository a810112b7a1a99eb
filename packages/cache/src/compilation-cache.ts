import { hash } from 'node:crypto';
import { CacheClosedError, CompileError } from './errors.ts';
import { ModuleMap } from './module-map.ts';
import { SingleFlight } from './single-flight.ts';

/** What a cache has done since it was opened, and what it holds now. */
export interface CacheStats {
  readonly kind: 'disk' | 'memory';
  /** Compiles answered with code that was there already, on disk or in this process. */
  readonly hits: number;
  /** Compiles that the engine had to do. */
  readonly misses: number;
  /** Whole entries of another engine, other flags or another module that stood where ours belongs. */
  readonly stale: number;
  /** Damaged entries; each was removed and its module compiled anew. */
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

/** Keeps modules for the life of the process only. */
export class MemoryCache implements CompilationCache {
  readonly kind = 'memory';
  readonly reason: string;
  readonly #modules: ModuleMap;
  readonly #flights = new SingleFlight<string, WebAssembly.Module>();
  #closing: Promise<void> | undefined;
  #hits = 0;
  #misses = 0;
  #savedMs = 0;

  constructor({ reason, maxBytes }: { readonly reason: string; readonly maxBytes: number }) {
    this.reason = reason;
    this.#modules = new ModuleMap(maxBytes);
  }

  async compile(bytes: Uint8Array, { name }: CompileOptions = {}): Promise<WebAssembly.Module> {
    if (this.#closing !== undefined) throw new CacheClosedError('compile');
    const digest = hash('sha256', bytes);
    const kept = this.#modules.get(digest);
    if (kept) {
      this.#hits++;
      this.#savedMs += kept.compileMs;
      return kept.module;
    }
    try {
      return await this.#flights.run(digest, () => this.#compile(bytes, digest));
    } catch (cause) {
      throw new CompileError({ module: name ?? digest.slice(0, 12), byteLength: bytes.byteLength }, cause);
    }
  }

  stats(): CacheStats {
    const { bytes, evictions } = this.#modules;
    const counted = { hits: this.#hits, misses: this.#misses, evictions, bytes, savedMs: this.#savedMs };
    const optimizer = { state: 'off', runs: 0, failures: 0 } as const;
    return { kind: 'memory', stale: 0, corrupt: 0, writes: 0, ...counted, optimizer };
  }

  close(): Promise<void> {
    this.#closing ??= this.#flights.settled().then(() => this.#modules.clear());
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #compile(bytes: Uint8Array, digest: string): Promise<WebAssembly.Module> {
    const started = performance.now();
    const module = await WebAssembly.compile(bytes as BufferSource);
    this.#misses++;
    this.#modules.set(digest, { module, byteLength: bytes.byteLength, compileMs: performance.now() - started });
    return module;
  }
}
