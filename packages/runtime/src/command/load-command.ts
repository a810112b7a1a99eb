import { readFile, stat } from 'node:fs/promises';
import { inspectModule, LockgateError, limitMemory, MemoryMinimumError, requireCommand } from '@lockgate/abi';
import type { CompilationCache } from '@lockgate/cache';
import { LinkError, MemoryCeilingError, StorageError } from '../errors.ts';
import type { ModuleSource, StorageGrant } from '../options.ts';

export interface LoadCommandRequest {
  readonly source: ModuleSource;
  /** What errors call it. */
  readonly name: string;
  readonly memoryCeilingBytes: number;
  readonly cache: CompilationCache;
}

/**
 * Reads a command, puts the ceiling on its memory and compiles it.
 *
 * @throws RUNTIME_LINK, RUNTIME_MEMORY_CEILING, errors of the file system.
 */
export async function loadCommand(request: LoadCommandRequest): Promise<WebAssembly.Module> {
  const { source, name, memoryCeilingBytes, cache } = request;
  const bytes = source instanceof Uint8Array ? source : await readFile(source);
  try {
    requireCommand(inspectModule(bytes));
    const limited = limitMemory(bytes, { maxBytes: memoryCeilingBytes });
    return await cache.compile(limited, { name });
  } catch (error) {
    if (error instanceof MemoryMinimumError) {
      const { initialBytes, ceilingBytes } = error;
      throw new MemoryCeilingError({ module: name, initialBytes, ceilingBytes }, { cause: error });
    }
    if (!LockgateError.isInstance(error)) throw error;
    throw new LinkError({ module: name, reason: error.message }, { cause: error });
  }
}

/** @throws RUNTIME_STORAGE for what is no directory that is there */
export async function requireStorage(module: string, storage: readonly StorageGrant[]): Promise<void> {
  for (const { path } of storage) {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error) throw new StorageError({ module, path, problem: 'is not there' }, { cause: found });
    if (!found.isDirectory()) throw new StorageError({ module, path, problem: 'is no directory' });
  }
}
