import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { type CacheKeys, cacheKeys } from './cache-key.ts';
import { type Clock, realClock } from './clock.ts';
import { type CodeSerializer, findCodeSerializer } from './code-serializer.ts';
import type { CompilationCache } from './compilation-cache.ts';
import { type Identity, prepareDirectory, thisUser } from './directory.ts';
import { DiskTier } from './disk-tier.ts';
import { type FileSystem, realFileSystem } from './file-system.ts';
import { FsStore } from './fs-store.ts';
import { type Logger, silentLogger } from './logger.ts';
import { type Engine, ModuleCache } from './module-cache.ts';
import { Optimizer } from './optimizer.ts';

/** What the optimiser works on: functions that were used, all functions, or nothing. */
export type OptimizerPolicy = 'profile' | 'all' | 'off';

/** How a cache is opened. */
export interface OpenCacheOptions {
  /** Where entries live; made with mode 0700 where it is missing. @default none: memory only */
  readonly directory?: string;
  /** Ceiling on the size of all entries, in bytes. @default 1_073_741_824 (1 GiB) */
  readonly maxBytes?: number;
  /** Hears one warning when the disk cannot be used, and one per damaged entry. @default silent */
  readonly logger?: Logger;
  /** Hears the reason, in plain words, when the cache falls back to memory. */
  readonly onFallback?: (reason: string) => void;
  /**
   * What a child process at low priority optimises while this one is idle. `profile`: the functions that were used;
   * `all`: every function, bigger and slower to load; `off`: no child, only what V8 optimised here is kept, at close.
   * @default 'profile'
   */
  readonly optimizer?: OptimizerPolicy;
}

/** The effects of a cache; tests put others in their place. */
export interface CachePorts {
  readonly fs: FileSystem;
  readonly user: Identity;
  readonly clock: Clock;
  readonly spawn: typeof spawn;
  readonly findSerializer: () => ReturnType<typeof findCodeSerializer>;
  readonly engine: Engine;
}

/** What a cache on disk is made of. */
export interface DiskParts {
  readonly store: FsStore;
  readonly serializer: CodeSerializer;
  readonly keys: CacheKeys;
}

/** What a cache may hold unless told otherwise: 1 GiB. */
export const DEFAULT_MAX_BYTES: number = 1024 * 1024 * 1024;

/** This machine and this process. */
export const realPorts: CachePorts = {
  fs: realFileSystem,
  user: thisUser(),
  clock: realClock,
  spawn,
  findSerializer: () => findCodeSerializer(),
  engine: (...given) => (WebAssembly.compile as Engine)(...given),
};

/**
 * Opens a compilation cache. Where the disk cannot be used the cache is of kind `memory` and says why: a bad directory
 * or an engine that cannot serialise never stops a start.
 *
 * @throws TypeError for options of the wrong kind.
 */
export function openCache(options: OpenCacheOptions = {}): Promise<CompilationCache> {
  return openCacheWith(options, realPorts);
}

/** `openCache` with its effects given. */
export async function openCacheWith(options: OpenCacheOptions, ports: CachePorts): Promise<CompilationCache> {
  const { logger = silentLogger, maxBytes = DEFAULT_MAX_BYTES, directory, optimizer: policy = 'profile' } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw new TypeError(`Expected "maxBytes" to be an integer of 0 or more, got ${String(maxBytes)}.`);
  }
  if (!['profile', 'all', 'off'].includes(policy)) {
    throw new TypeError(`Expected "optimizer" to be "profile", "all" or "off", got ${String(policy)}.`);
  }
  const { engine } = ports;
  const parts = diskParts(directory, ports);
  if ('reason' in parts) {
    const { reason } = parts;
    logger.warn({ directory, reason }, 'compiled modules are kept in memory only');
    options.onFallback?.(reason);
    return new ModuleCache({ reason, maxBytes, engine });
  }
  const { store, serializer, keys } = parts;
  const { fs, clock, spawn } = ports;
  const optimizer =
    policy === 'off' ? undefined : new Optimizer({ directory: store.directory, maxBytes, serializer, fs, spawn });
  const everything = policy === 'all';
  const rest = { store, keys, serializer, everything, maxBytes, clock, logger };
  return new ModuleCache({ maxBytes, engine, tier: new DiskTier({ ...rest, ...(optimizer && { optimizer }) }) });
}

/** Everything a cache on disk needs, or why there can be none. Never throws. */
export function diskParts(
  directory: string | undefined,
  { fs, user, findSerializer }: CachePorts,
): DiskParts | { readonly reason: string } {
  if (directory === undefined || directory === '') return { reason: 'no directory was given' };
  const found = findSerializer();
  if ('reason' in found) return found;
  const unusable = prepareDirectory(directory, fs, user);
  if (unusable !== undefined) return { reason: unusable };
  const { serializer } = found;
  try {
    const store = new FsStore({ directory: resolve(directory), fs, user });
    return { store, serializer, keys: cacheKeys(serializer) };
  } catch (error) {
    return { reason: `this V8 cannot be identified: ${error instanceof Error ? error.message : String(error)}` };
  }
}
