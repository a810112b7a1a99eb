import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  inspectModule,
  LockgateError,
  limitMemory,
  MemoryMinimumError,
  type ModuleReport,
  nameModule,
  requireAbi,
} from '@lockgate/abi';
import type { CompilationCache } from '@lockgate/cache';
import { LinkError, MemoryCeilingError } from './errors.ts';
import type { ModuleSource } from './options.ts';

/** How one module becomes something that can be instantiated. */
export interface LoadRequest {
  readonly source: ModuleSource;
  readonly abi: 'plugin' | 'guard';
  /** What errors call it; of a file without one, the file's name. */
  readonly name: string | undefined;
  readonly memoryCeilingBytes: number;
  readonly cache: CompilationCache;
}

export interface LoadedModule {
  readonly module: WebAssembly.Module;
  readonly report: ModuleReport;
  /** The name asked for, or where the bytes came from. */
  readonly origin: string;
}

/**
 * Reads a module, checks that it is a guest of this ABI, puts the ceiling on its memory and compiles it.
 *
 * @throws RUNTIME_LINK with everything that is missing or unknown; RUNTIME_MEMORY_CEILING; errors of the file system.
 */
export async function loadModule(request: LoadRequest): Promise<LoadedModule> {
  const { source, abi, name, memoryCeilingBytes, cache } = request;
  const origin = name ?? originOf(source, abi);
  const bytes = source instanceof Uint8Array ? source : await readFile(source);
  try {
    const report = inspectModule(bytes);
    requireAbi(report, abi);
    const limited = limitMemory(bytes, { maxBytes: memoryCeilingBytes });
    // A guard's stack traces bear its name (ABI.md §2); a plugin's bytes stay as they are, and one compilation serves all names.
    const module = await cache.compile(abi === 'guard' ? nameModule(limited, origin) : limited, { name: origin });
    return { module, report, origin };
  } catch (error) {
    if (error instanceof MemoryMinimumError) {
      const { initialBytes, ceilingBytes } = error;
      throw new MemoryCeilingError({ module: origin, initialBytes, ceilingBytes }, { cause: error });
    }
    if (!LockgateError.isInstance(error)) throw error;
    throw new LinkError({ module: origin, reason: error.message }, { cause: error });
  }
}

function originOf(source: ModuleSource, fallback: string): string {
  if (source instanceof Uint8Array) return fallback;
  const path = source instanceof URL ? fileURLToPath(source) : source;
  return basename(path, extname(path));
}
