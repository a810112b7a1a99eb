import { type CacheKeys, type Environment, isEntryName } from './cache-key.ts';
import type { Clock } from './clock.ts';
import type { CodeSerializer } from './code-serializer.ts';
import type { OptimizerStats } from './compilation-cache.ts';
import { decodeHead, type EntryDescription, encodeHead, HEAD_BYTES, mismatch } from './entry.ts';
import { readHead } from './entry-file.ts';
import { evict } from './eviction.ts';
import type { FsStore } from './fs-store.ts';
import type { Logger } from './logger.ts';
import type { Optimizer } from './optimizer.ts';
import { RefreshSchedule, type Verdict } from './refresh-schedule.ts';
import { spaceShortage } from './space-shortage.ts';

/** A module as the cache knows it. */
export interface Subject {
  readonly name: string;
  /** SHA-256 of its wasm bytes, in hex. */
  readonly digest: string;
  readonly wasmBytes: number;
}

interface Watched extends Subject {
  readonly reference: WeakRef<WebAssembly.Module>;
  readonly environment: Environment;
  /** The entry this process knows of. */
  known: { readonly kind: EntryDescription['kind']; readonly generation: number } | undefined;
  /** Size of the code that is kept already, or went into it; code that is hardly larger is no news. */
  knownBytes: number;
  failures: number;
}

interface DiskTierPorts {
  readonly store: FsStore;
  readonly keys: CacheKeys;
  readonly serializer: CodeSerializer;
  /** Absent: switched off; the process then keeps what V8 optimised by itself. */
  readonly optimizer?: Optimizer;
  readonly everything: boolean;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Below this a module compiles as fast as its code loads. Source: docs/rationale/cache.md. */
export const MIN_WASM_BYTES: number = 256 * 1024;

const GROWTH_WORTH_A_RUN = 1.02;
const LAST_GENERATION = 8;
const MAX_FAILURES = 2;

/** Code on disk: finds what earlier processes left, and sees to it that later ones find more. */
export class DiskTier {
  readonly #ports: DiskTierPorts;
  readonly #schedule: RefreshSchedule<Watched>;
  readonly #complained = new Set<string>();
  #stale = 0;
  #corrupt = 0;
  #writes = 0;
  #evictions = 0;

  constructor(ports: DiskTierPorts) {
    this.#ports = ports;
    this.#schedule = new RefreshSchedule(ports.clock, (watched) => this.#look(watched));
  }

  /**
   * The module with its code from disk, if there is an entry. Synchronous from digest to module, so that nobody can
   * change the bytes in between; never throws.
   */
  load(bytes: Uint8Array, subject: Subject): { module: WebAssembly.Module; savedMs: number } | undefined {
    if (subject.wasmBytes < MIN_WASM_BYTES) return undefined;
    const started = performance.now();
    const environment = this.#ports.keys.environment();
    const entryName = this.#ports.keys.entryName(subject.digest, environment);
    try {
      const found = this.#read(bytes, subject, entryName, environment);
      if (!found) return undefined;
      const { module, description, payloadBytes } = found;
      this.#watch(module, subject, environment, description, payloadBytes);
      return { module, savedMs: Math.max(0, description.costMs - (performance.now() - started)) };
    } catch (error) {
      this.#discard('corrupt', entryName, subject, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Watches a module that was compiled the ordinary way, to keep its code once V8 has optimised some. */
  compiled(module: WebAssembly.Module, subject: Subject): void {
    if (subject.wasmBytes >= MIN_WASM_BYTES) this.#watch(module, subject, this.#ports.keys.environment());
  }

  get stats(): { stale: number; corrupt: number; writes: number; evictions: number; bytes: number } {
    const entries = this.#ports.store.list().filter(({ name }) => isEntryName(name));
    const bytes = entries.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { stale: this.#stale, corrupt: this.#corrupt, writes: this.#writes, evictions: this.#evictions, bytes };
  }

  get optimizer(): OptimizerStats {
    return this.#ports.optimizer?.stats ?? { state: 'off', runs: 0, failures: 0 };
  }

  /** Ends the optimiser and leaves a seed for each module that has no entry yet. */
  async close(): Promise<void> {
    const stopped = this.#schedule.stop();
    await this.#ports.optimizer?.cancel();
    await stopped;
    for (const watched of this.#schedule.subjects) {
      const module = watched.reference.deref();
      const known = this.#describe(watched) ?? watched.known;
      if (module === undefined || (known !== undefined && known.kind !== 'seed')) continue;
      await this.#keepSeed(module, watched).catch((error: unknown) => this.#notKept(watched, error));
    }
  }

  #read(bytes: Uint8Array, subject: Subject, entryName: string, environment: Environment) {
    const { store, serializer, clock } = this.#ports;
    const opened = store.open(entryName);
    if (opened === undefined) return undefined;
    if (typeof opened === 'string') return this.#discard('corrupt', entryName, subject, opened);
    using file = opened;
    const checksum = (data: Uint8Array): bigint => serializer.checksum(data);
    const head = decodeHead(file.readStart(HEAD_BYTES), file.byteLength, checksum);
    if (typeof head === 'string') return this.#discard('corrupt', entryName, subject, head);
    const { description, payloadBytes, payloadChecksum } = head;
    const why = mismatch(description, subject.digest, environment);
    if (why !== undefined) return this.#discard('stale', entryName, subject, why);
    const module = serializer.loadFile(bytes, file.fd, HEAD_BYTES, payloadBytes, payloadChecksum);
    if (module === 'unmappable') return undefined;
    if (module === 'damaged') return this.#discard('corrupt', entryName, subject, 'code checksum does not fit');
    if (module === 'refused') return this.#discard('stale', entryName, subject, 'V8 refused the code');
    file.touch(clock.now());
    return { module, description, payloadBytes };
  }

  #discard(kind: 'stale' | 'corrupt', entryName: string, { name }: Subject, why: string): undefined {
    if (kind === 'stale') this.#stale++;
    else this.#corrupt++;
    this.#ports.store.remove(entryName);
    if (this.#complained.has(entryName)) return;
    this.#complained.add(entryName);
    this.#ports.logger.warn({ module: name, entry: entryName, why }, 'a cache entry was discarded; compiling again');
  }

  #watch(
    module: WebAssembly.Module,
    subject: Subject,
    environment: Environment,
    known?: EntryDescription,
    knownBytes = 0,
  ): void {
    this.#schedule.watch({ ...subject, reference: new WeakRef(module), environment, known, knownBytes, failures: 0 });
  }

  async #look(watched: Watched): Promise<Verdict> {
    try {
      const module = watched.reference.deref();
      return module === undefined ? 'rest' : await this.#improve(module, watched);
    } catch (error) {
      this.#notKept(watched, error);
      return ++watched.failures < MAX_FAILURES ? 'later' : 'rest';
    }
  }

  #notKept({ name }: Subject, error: unknown): void {
    const { logger, store } = this.#ports;
    const why = spaceShortage(error, store.directory);
    logger.warn({ module: name, ...(why === undefined ? { error } : { why }) }, 'compiled code could not be kept');
  }

  async #improve(module: WebAssembly.Module, watched: Watched): Promise<Verdict> {
    const { optimizer, serializer, keys, everything, logger } = this.#ports;
    using turn = optimizer?.available ? optimizer.takeTurn() : undefined;
    if (optimizer?.available && turn === undefined) return 'soon';
    const onDisk = this.#describe(watched);
    if (isFinal(onDisk, watched, everything)) return 'rest';
    if (!optimizer || !turn) return (await this.#keepSeed(module, watched)) ? 'later' : 'rest';
    const profile = everything ? null : serializer.serialize(module);
    if (profile === null && !everything) return 'later';
    if (profile !== null && watched.known?.kind !== 'seed' && !isNews(profile, watched)) return 'rest';
    const generation = (onDisk?.generation ?? 0) + 1;
    const entryName = keys.entryName(watched.digest, watched.environment);
    const { environment, digest: wasm } = watched;
    const wire = serializer.wireBytes(module);
    const outcome = await optimizer.run(turn, { entryName, wasm, environment, generation, wire, profile });
    if (outcome === 'cancelled') return 'rest';
    if (outcome === 'written') {
      this.#written();
      watched.known = { kind: everything ? 'all' : 'profile', generation };
      watched.knownBytes = profile?.byteLength ?? 0;
      logger.info({ module: watched.name, generation }, 'optimised code was kept for later processes');
      return everything ? 'rest' : 'later';
    }
    logger.warn({ module: watched.name, why: outcome.failed }, 'the optimiser left no code');
    return ++watched.failures < MAX_FAILURES ? 'later' : 'rest';
  }

  /** Keeps what V8 has optimised in this process. False: there is nothing more to expect. */
  async #keepSeed(module: WebAssembly.Module, watched: Watched): Promise<boolean> {
    const { serializer, store, keys, maxBytes } = this.#ports;
    const code = serializer.serialize(module);
    if (code === null) return watched.known === undefined;
    if (!isNews(code, watched) || HEAD_BYTES + code.byteLength > maxBytes) return false;
    const { digest: wasm, wasmBytes, environment } = watched;
    const description = { wasm, wasmBytes, environment, kind: 'seed', generation: 0, costMs: 0 } as const;
    const head = encodeHead(description, code, (bytes) => serializer.checksum(bytes));
    await store.put(keys.entryName(wasm, environment), [head, code]);
    this.#written();
    watched.known = description;
    watched.knownBytes = code.byteLength;
    return true;
  }

  #written(): void {
    const { store, maxBytes, keys, clock } = this.#ports;
    this.#writes++;
    const isOfThisEngine = (name: string): boolean => keys.isOfThisEngine(name);
    this.#evictions += evict(store, { maxBytes, isOfThisEngine, nowMs: clock.now() });
  }

  #describe({ digest, environment }: Watched): EntryDescription | undefined {
    const { store, serializer, keys } = this.#ports;
    return readHead(store, keys.entryName(digest, environment), serializer)?.description;
  }
}

/** Whether the entry that is there needs no more work from this process: it is as good as can be, or another's. */
function isFinal(onDisk: EntryDescription | undefined, { known }: Watched, everything: boolean): boolean {
  if (onDisk === undefined || onDisk.kind === 'seed') return false;
  return known === undefined || onDisk.generation >= LAST_GENERATION || (everything && onDisk.kind === 'all');
}

function isNews(code: Uint8Array, { knownBytes }: Watched): boolean {
  return code.byteLength > knownBytes * GROWTH_WORTH_A_RUN;
}
