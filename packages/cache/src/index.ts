export type { CacheStats, CompilationCache, CompileOptions, OptimizerStats } from './compilation-cache.ts';
export { clearCache, type DirectoryReport, describeCache, type EntryReport } from './directory-report.ts';
export { CacheClosedError, CacheCloseError, CacheReplaceError, CompileError } from './errors.ts';
export type { Logger } from './logger.ts';
export { type OpenCacheOptions, type OptimizerPolicy, openCache } from './open.ts';
export { CacheSlot } from './slot.ts';
export { type WarmOptions, type WarmResult, warmCache } from './warm.ts';
