export type { CacheStats, CompilationCache, CompileOptions, OptimizerStats } from './compilation-cache.ts';
export { CacheClosedError, CacheCloseError, CacheReplaceError, CompileError } from './errors.ts';
export type { Logger } from './logger.ts';
export { type OpenCacheOptions, openCache } from './open.ts';
export { CacheSlot } from './slot.ts';
