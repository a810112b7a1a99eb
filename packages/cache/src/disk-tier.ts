import { type CacheKeys, type Environment, isEntryName, learnMark } from './cache-key.ts';
import type { Clock } from './clock.ts';
import type { CodeSerializer } from './code-serializer.ts';
import type { OptimizerStats } from './compilation-cache.ts';
import { decodeHead, type EntryDescription, encodeHead, HEAD_BYTES, isCold, mismatch, WARM_LOOKS } from './entry.ts';
import { readHead } from './entry-file.ts';
import { evict } from './eviction.ts';
import type { FsStore } from './fs-store.ts';
import type { Logger } from './logger.ts';
import type { Optimizer } from './optimizer.ts';
import { RefreshSchedule, type Verdict } from './refresh-schedule.ts';
import { goneDirectory, spaceShortage } from './why-not-kept.ts';

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
  known: Pick<EntryDescription, 'kind' | 'generation'> | undefined;
  /** It runs code from disk, in which V8 learns nothing more. */
  readonly isLoaded: boolean;
  /** Looks so far, on top of those that went into the code it began with. */
  looks: number;
  /** A cold entry that was left alone: the profile has to be so much larger before it is worth a replacement. */
  learnsPastBytes: number | undefined;
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
/** A process that has loaded a cold entry and still works at this look, after some five minutes, asks for a warmer one. */
const LONG_LIVED_LOOKS = 4;
/** Some twenty minutes: what is no warmer by then will not be. */
const LAST_LEARNING_LOOK = 6;
const WARMER = 1.5;

/** Code on disk: finds what earlier processes left, and sees to it that later ones find more. */
export class DiskTier {
  readonly #ports: DiskTierPorts;
  readonly #schedule: RefreshSchedule<Watched>;
  readonly #complained = new Set<string>();
  /** Cold entries that this process does without, to learn more than they know; by digest. */
  readonly #outdoing = new Map<string, EntryDescription>();
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
    if (subject.wasmBytes < MIN_WASM_BYTES) return;
    const cold = this.#outdoing.get(subject.digest);
    this.#outdoing.delete(subject.digest);
    this.#watch(module, subject, this.#ports.keys.environment(), cold, 0, cold?.learnedBytes);
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
    // Removing the mark is what gives the task to this process alone, and once.
    if (isCold(description) && this.#ports.optimizer && store.remove(learnMark(entryName))) {
      this.#outdoing.set(subject.digest, description);
      return undefined;
    }
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
    learnsPastBytes?: number,
  ): void {
    const reference = new WeakRef(module);
    const looks = known?.kind === 'seed' ? known.looks : 0; // a seed's own learning is in it
    const isLoaded = known !== undefined && learnsPastBytes === undefined;
    const begin = { isLoaded, looks, learnsPastBytes, failures: 0 };
    this.#schedule.watch({ ...subject, reference, environment, known, knownBytes, ...begin });
  }

  async #look(watched: Watched): Promise<Verdict> {
    try {
      watched.looks++;
      const module = watched.reference.deref();
      return module === undefined ? 'rest' : await this.#improve(module, watched);
    } catch (error) {
      this.#notKept(watched, error);
      return ++watched.failures < MAX_FAILURES ? 'later' : 'rest';
    }
  }

  #notKept({ name }: Subject, error: unknown): void {
    const { logger, store } = this.#ports;
    const why = spaceShortage(error, store.directory) ?? goneDirectory(error, store.directory);
    if (why !== undefined && !this.#isFirst()) return;
    logger.warn({ module: name, ...(why === undefined ? { error } : { why }) }, 'compiled code could not be kept');
  }

  /** What concerns the whole directory is told once, and not of each of its modules. */
  #isFirst(): boolean {
    const { directory } = this.#ports.store;
    const isFirst = !this.#complained.has(directory);
    this.#complained.add(directory);
    return isFirst;
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
    if (profile !== null && watched.known?.kind !== 'seed' && !isNews(profile, watched)) {
      return onDisk && isCold(onDisk) ? this.#leaveCold(watched) : 'rest';
    }
    const { learnsPastBytes, looks } = watched;
    if (learnsPastBytes !== undefined && onDisk) {
      if (!isCold(onDisk)) return 'rest'; // another was quicker
      const isWarmer = looks >= WARM_LOOKS && (profile?.byteLength ?? 0) >= learnsPastBytes * WARMER;
      if (!isWarmer) return looks < LAST_LEARNING_LOOK ? 'later' : this.#confirm(watched);
    }
    const generation = (onDisk?.generation ?? 0) + 1;
    const entryName = keys.entryName(watched.digest, watched.environment);
    const { environment, digest: wasm } = watched;
    const wire = serializer.wireBytes(module);
    const outcome = await optimizer.run(turn, { entryName, wasm, environment, generation, looks, wire, profile });
    if (outcome === 'cancelled') return 'rest';
    if (outcome === 'written') {
      this.#written();
      watched.known = { kind: everything ? 'all' : 'profile', generation };
      watched.knownBytes = profile?.byteLength ?? 0;
      watched.learnsPastBytes = undefined;
      logger.info({ module: watched.name, generation }, 'optimised code was kept for later processes');
      return everything ? 'rest' : 'later';
    }
    const { failed: why, noSpace } = outcome;
    if (!noSpace || this.#isFirst()) logger.warn({ module: watched.name, why }, 'the optimiser left no code');
    return ++watched.failures < MAX_FAILURES ? 'later' : 'rest';
  }

  /** There is no news, and the entry is a cold one: is that all there is to learn, or all this process can learn? */
  async #leaveCold(watched: Watched): Promise<Verdict> {
    const { isLoaded, name, digest, environment, looks } = watched;
    if (looks < (isLoaded ? LONG_LIVED_LOOKS : WARM_LOOKS)) return 'later';
    if (!isLoaded) return this.#confirm(watched);
    const { store, keys, logger } = this.#ports;
    await store.put(learnMark(keys.entryName(digest, environment)), []);
    logger.debug({ module: name }, 'code was made after little work; the next process learns anew');
    return 'rest';
  }

  /** Notes in an entry that working on has shown nothing more, so that nobody asks for a warmer one again. */
  async #confirm({ digest, environment }: Watched): Promise<Verdict> {
    const { store, keys, serializer } = this.#ports;
    const entryName = keys.entryName(digest, environment);
    const head = readHead(store, entryName, serializer);
    const code = store.readWhole(entryName)?.subarray(HEAD_BYTES);
    if (!head || !code || serializer.checksum(code) !== head.payloadChecksum) return 'rest';
    const description = { ...head.description, looks: WARM_LOOKS };
    await store.put(entryName, [encodeHead(description, code, (bytes) => serializer.checksum(bytes)), code]);
    return 'rest';
  }

  /** Keeps what V8 has optimised in this process. False: there is nothing more to expect. */
  async #keepSeed(module: WebAssembly.Module, watched: Watched): Promise<boolean> {
    const { serializer, store, keys, maxBytes } = this.#ports;
    const code = serializer.serialize(module);
    if (code === null) return watched.known === undefined;
    if (!isNews(code, watched) || HEAD_BYTES + code.byteLength > maxBytes) return false;
    const { digest: wasm, wasmBytes, environment, looks } = watched;
    const learned = { looks, learnedBytes: code.byteLength };
    const description = { wasm, wasmBytes, environment, kind: 'seed', generation: 0, costMs: 0, ...learned } as const;
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
