import { type CompiledComponent, decodeComponent, limitOwnMemories } from '@lockgate/abi';
import type { CompilationCache } from '@lockgate/cache';

/**
 * A component with its core modules compiled, each for itself and with its part of the ceiling on memory.
 *
 * @throws ABI_BAD_MODULE, ABI_MEMORY_ABOVE_CEILING, and what the engine does not compile
 */
export async function compileComponent(
  bytes: Uint8Array,
  { maxBytes, cache, name }: { readonly maxBytes: number; readonly cache: CompilationCache; readonly name: string },
): Promise<CompiledComponent> {
  const { plan, exports, docs, modules } = decodeComponent(bytes);
  const limited = limitOwnMemories(
    modules.map(({ start, end }) => bytes.subarray(start, end)),
    maxBytes,
  );
  const compiled = await Promise.all(
    limited.map(async ({ bytes: code, ownsMemory }) => ({ module: await cache.compile(code, { name }), ownsMemory })),
  );
  return { plan, exports, docs, modules: compiled };
}
