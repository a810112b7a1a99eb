import { hash } from 'node:crypto';
import type { CacheStats, CompilationCache, CompileOptions } from './compilation-cache.ts';
import type { DiskTier } from './disk-tier.ts';
import { CacheClosedError, CompileError } from './errors.ts';
import { LiveModules, type ModuleHolder, ModuleMap } from './module-map.ts';
import { SingleFlight } from './single-flight.ts';

/** What compiles where nothing is cached: `WebAssembly.compile`, or a test's own. */
export type Engine = (bytes: BufferSource, options?: object) => Promise<WebAssembly.Module>;

interface ModuleCacheParts {
  readonly maxBytes: number;
  readonly engine: Engine;
  /** Where code of other processes is found; without it there must be a `reason`. */
  readonly tier?: DiskTier;
  readonly reason?: string;
}

/** The one implementation: modules of this process, and a tier on disk where there is one. */
export class ModuleCache implements CompilationCache {
  readonly kind: 'disk' | 'memory';
  declare readonly reason?: string;
  readonly #engine: Engine;
  readonly #tier: DiskTier | undefined;
  readonly #modules: ModuleHolder;
  readonly #flights = new SingleFlight<string | symbol, WebAssembly.Module>();
  #closing: Promise<void> | undefined;
  #hits = 0;
  #misses = 0;
  #savedMs = 0;

  constructor({ maxBytes, engine, tier, reason }: ModuleCacheParts) {
    this.#engine = engine;
    this.kind = tier ? 'disk' : 'memory';
    if (reason !== undefined) this.reason = reason;
    this.#tier = tier;
    this.#modules = tier ? new LiveModules() : new ModuleMap(maxBytes);
  }

  async compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<WebAssembly.Module> {
    if (this.#closing !== undefined) throw new CacheClosedError('compile');
    if (!ArrayBuffer.isView(bytes)) throw new TypeError(`Expected the bytes of a module, got ${typeof bytes}.`);
    // Bytes that others can write to while they are read would be one module to the digest and another to V8.
    const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
    const { builtins, importedStringConstants } = options;
    if (builtins || importedStringConstants !== undefined) {
      return this.#flight(Symbol('with builtins'), own, options, () => this.#compileApart(own, options));
    }
    const digest = hash('sha256', own);
    const kept = this.#modules.get(digest);
    if (kept) {
      this.#hits++;
      this.#savedMs += kept.compileMs;
      return kept.module;
    }
    return this.#flight(digest, own, options, () => this.#compile(own, digest, nameOf(options, digest)));
  }

  stats(): CacheStats {
    const { bytes, evictions } = this.#modules;
    const counted = { kind: this.kind, hits: this.#hits, misses: this.#misses, savedMs: Math.round(this.#savedMs) };
    const inMemory = { stale: 0, corrupt: 0, writes: 0, evictions, bytes };
    const optimizer = this.#tier?.optimizer ?? { state: 'off', runs: 0, failures: 0 };
    return { ...counted, ...inMemory, ...this.#tier?.stats, optimizer };
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    await this.#flights.settled();
    await this.#tier?.close();
    this.#modules.clear();
  }

  async #flight(
    key: string | symbol,
    bytes: Uint8Array,
    options: CompileOptions,
    work: () => Promise<WebAssembly.Module>,
  ): Promise<WebAssembly.Module> {
    try {
      return await this.#flights.run(key, work);
    } catch (cause) {
      throw new CompileError({ module: nameOf(options, hash('sha256', bytes)), byteLength: bytes.byteLength }, cause);
    }
  }

  async #compile(bytes: Uint8Array<ArrayBuffer>, digest: string, name: string): Promise<WebAssembly.Module> {
    const started = performance.now();
    const subject = { name, digest, wasmBytes: bytes.byteLength };
    // Disk first: V8 ignores cached code while a module of the same bytes is alive that was compiled without it.
    const found = this.#tier?.load(bytes, subject);
    const module = found?.module ?? (await this.#engine(bytes));
    if (found) {
      this.#hits++;
      this.#savedMs += found.savedMs;
    } else {
      this.#misses++;
      this.#tier?.compiled(module, subject);
    }
    this.#modules.set(digest, { module, byteLength: bytes.byteLength, compileMs: performance.now() - started });
    return module;
  }

  // Code compiled with builtins depends on them, and V8's serialised form does not say so.
  async #compileApart(bytes: Uint8Array<ArrayBuffer>, options: CompileOptions): Promise<WebAssembly.Module> {
    const { builtins, importedStringConstants } = options;
    const compileOptions = { builtins, importedStringConstants };
    const module = await this.#engine(bytes, compileOptions);
    this.#misses++;
    return module;
  }
}

function nameOf({ name }: CompileOptions, digest: string): string {
  return name ?? digest.slice(0, 12);
}
