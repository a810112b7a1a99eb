import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { MIN_WASM_BYTES } from './disk-tier.ts';
import { type EntryHead, HEAD_BYTES } from './entry.ts';
import { readHead } from './entry-file.ts';
import { evict } from './eviction.ts';
import { type CachePorts, DEFAULT_MAX_BYTES, type DiskParts, diskParts, realPorts } from './open.ts';
import { Optimizer, type Turn } from './optimizer.ts';

/** What to compile ahead of time, and where to. */
export interface WarmOptions {
  readonly directory: string;
  /** Paths of WebAssembly modules. */
  readonly files: readonly string[];
  /** Ceiling on the size of all entries, in bytes. @default 1_073_741_824 (1 GiB) */
  readonly maxBytes?: number;
  /** Ends the optimiser; files that are not done yet are reported as failed. */
  readonly signal?: AbortSignal;
  /** Hears each result as it comes. */
  readonly onResult?: (result: WarmResult) => void;
}

/** What became of one file. */
export interface WarmResult {
  readonly file: string;
  /** `written`: there is an entry now; `present`: there was one; `skipped`: too small to gain; `failed`: see `why`. */
  readonly outcome: 'written' | 'present' | 'skipped' | 'failed';
  readonly why?: string;
  readonly entryBytes?: number;
  readonly tookMs: number;
}

const TURN_RETRY_MS = 250;

/**
 * Compiles modules ahead of time, so that even their first process finds optimised code: the functions an earlier
 * process was seen to use where it left a profile, all of them otherwise. One after the other, at low priority.
 *
 * @throws Error when the directory or the engine allows no cache on disk; the message says why.
 */
export async function warmCache(options: WarmOptions): Promise<readonly WarmResult[]> {
  return warmCacheWith(options, realPorts);
}

/** `warmCache` with its effects given. */
export async function warmCacheWith(options: WarmOptions, ports: CachePorts): Promise<readonly WarmResult[]> {
  const { directory, files, signal, onResult } = options;
  const parts = diskParts(directory, ports);
  if ('reason' in parts) throw new Error(`Nothing can be compiled ahead of time: ${parts.reason}.`);
  const warming = new Warming(parts, options.maxBytes ?? DEFAULT_MAX_BYTES, ports, signal);
  const results: WarmResult[] = [];
  for (const file of files) {
    const started = performance.now();
    const outcome = await warming
      .warm(file)
      .catch((error: Error) => ({ outcome: 'failed', why: error.message }) as const);
    const result = { file, ...outcome, tookMs: Math.round(performance.now() - started) };
    results.push(result);
    onResult?.(result);
  }
  return results;
}

class Warming {
  readonly #parts: DiskParts;
  readonly #maxBytes: number;
  readonly #ports: CachePorts;
  readonly #optimizer: Optimizer;
  readonly #signal: AbortSignal | undefined;

  constructor(parts: DiskParts, maxBytes: number, ports: CachePorts, signal: AbortSignal | undefined) {
    const { fs, spawn } = ports;
    const { serializer, store } = parts;
    this.#parts = parts;
    this.#maxBytes = maxBytes;
    this.#ports = ports;
    this.#optimizer = new Optimizer({ directory: store.directory, maxBytes, serializer, fs, spawn, waitedFor: true });
    this.#signal = signal;
  }

  async warm(file: string): Promise<Pick<WarmResult, 'outcome' | 'why' | 'entryBytes'>> {
    this.#signal?.throwIfAborted();
    const wire = await readFile(file);
    if (!WebAssembly.validate(wire))
      return { outcome: 'failed', why: `${basename(file)} is no module this engine accepts` };
    if (wire.byteLength < MIN_WASM_BYTES) {
      return { outcome: 'skipped', why: `below ${MIN_WASM_BYTES} bytes a module compiles as fast as its code loads` };
    }
    const { store, serializer, keys } = this.#parts;
    const wasm = hash('sha256', wire);
    const environment = keys.environment();
    const entryName = keys.entryName(wasm, environment);
    const before = readHead(store, entryName, serializer);
    if (before && before.description.kind !== 'seed')
      return { outcome: 'present', entryBytes: HEAD_BYTES + before.payloadBytes };
    using turn = await this.#turn();
    const profile = before && this.#verifiedCode(entryName, before);
    const generation = (before?.description.generation ?? 0) + 1;
    const cancel = (): void => void this.#optimizer.cancel();
    this.#signal?.addEventListener('abort', cancel, { once: true });
    const looks = before?.description.looks ?? 0;
    const work = { entryName, wasm, environment, generation, looks, wire, profile: profile ?? null };
    const outcome = await this.#optimizer.run(turn, work);
    this.#signal?.removeEventListener('abort', cancel);
    if (outcome === 'cancelled') return { outcome: 'failed', why: 'cancelled' };
    if (typeof outcome === 'object') return { outcome: 'failed', why: outcome.failed };
    const isOfThisEngine = (name: string): boolean => keys.isOfThisEngine(name);
    evict(store, { maxBytes: this.#maxBytes, isOfThisEngine, nowMs: this.#ports.clock.now() });
    const after = readHead(store, entryName, serializer);
    return { outcome: 'written', ...(after && { entryBytes: HEAD_BYTES + after.payloadBytes }) };
  }

  #verifiedCode(entryName: string, { payloadChecksum }: EntryHead): Uint8Array | undefined {
    const { store, serializer } = this.#parts;
    const code = store.readWhole(entryName)?.subarray(HEAD_BYTES);
    return code && serializer.checksum(code) === payloadChecksum ? code : undefined;
  }

  async #turn(): Promise<Turn> {
    for (;;) {
      const turn = this.#optimizer.takeTurn();
      if (turn !== undefined) return turn;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#ports.clock.after(TURN_RETRY_MS, resolve, { waitedFor: true });
      await promise;
      this.#signal?.throwIfAborted();
    }
  }
}
