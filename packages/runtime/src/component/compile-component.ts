import { type CompiledComponent, decodeComponent, limitOwnMemories, whyNoGrowth } from '@lockgate/abi';
import type { CompilationCache } from '@lockgate/cache';

interface CompileOptions {
  readonly maxBytes: number;
  readonly cache: CompilationCache;
  readonly name: string;
  /** Told what should be known of its memory. */
  readonly onNote: (sentence: string) => void;
}

/**
 * A component with its core modules compiled, each for itself and with its part of the ceiling on memory.
 *
 * @throws ABI_BAD_MODULE, ABI_MEMORY_ABOVE_CEILING, and what the engine does not compile
 */
export async function compileComponent(
  bytes: Uint8Array,
  { maxBytes, cache, name, onNote }: CompileOptions,
): Promise<CompiledComponent> {
  const { plan, exports, docs, modules } = decodeComponent(bytes);
  const parts = modules.map(({ start, end }) => bytes.subarray(start, end));
  const limited = limitOwnMemories(parts, maxBytes);
  const note = whyNoGrowth(parts, maxBytes);
  if (note !== undefined) onNote(note);
  const compiled = await Promise.all(
    limited.map(async ({ bytes: code, ownsMemory }) => ({ module: await cache.compile(code, { name }), ownsMemory })),
  );
  return { plan, exports, docs, modules: compiled };
}
