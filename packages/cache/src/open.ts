import { type CompilationCache, MemoryCache } from './compilation-cache.ts';
import { type Logger, silentLogger } from './logger.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024 * 1024;

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
}

/**
 * Opens a compilation cache. Where the disk cannot be used the cache is of kind `memory` and says why: a bad directory
 * or an engine that cannot serialise never stops a start.
 *
 * @throws TypeError for options of the wrong kind.
 */
export async function openCache(options: OpenCacheOptions = {}): Promise<CompilationCache> {
  const { logger = silentLogger, maxBytes = DEFAULT_MAX_BYTES, directory } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw new TypeError(`Expected "maxBytes" to be an integer of 0 or more, got ${String(maxBytes)}.`);
  }
  const reason = directory === undefined ? 'no directory was given' : 'this build keeps modules in memory only';
  logger.warn({ directory, reason }, 'compiled modules are kept in memory only');
  options.onFallback?.(reason);
  return new MemoryCache({ reason, maxBytes });
}
