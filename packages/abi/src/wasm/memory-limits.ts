import { MemoryMinimumError } from '../errors.ts';
import { encodeUnsigned } from './byte-reader.ts';
import { concat } from './concat.ts';
import { readImports, readMemories } from './declarations.ts';
import { flagsWithMaximum, type WasmLimits } from './limits.ts';
import { readerOf, readSections, replaceContent, type Section, SectionId } from './sections.ts';

export interface MemoryCeiling {
  /** Ceiling on all linear memory of one instance together, in bytes; rounded down to whole pages. */
  readonly maxBytes: number;
  /**
   * Whether memories that the module imports are left as they are: whoever owns one bounds it, and an import must not ask for
   * less. @default false
   */
  readonly ownOnly?: boolean;
}

/**
 * Puts a ceiling on a module's memory: absent or larger maxima are lowered to it, smaller ones stay, and nothing else
 * changes. A module that needs no change is returned as it is. Several memories share what their minima leave.
 *
 * @throws ABI_MEMORY_ABOVE_CEILING when the memory it starts with is larger.
 * @throws ABI_BAD_MODULE
 * @throws TypeError when `maxBytes` is no integer of 0 or more.
 */
export function limitMemory<B extends ArrayBufferLike>(
  bytes: Uint8Array<B>,
  { maxBytes, ownOnly = false }: MemoryCeiling,
): Uint8Array<B | ArrayBuffer> {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw new TypeError(`Expected "maxBytes" to be an integer of 0 or more, got ${String(maxBytes)}.`);
  }
  const sections = readSections(bytes);
  const importSection = ownOnly ? undefined : sections.find(({ id }) => id === SectionId.import);
  const imported = importSection ? readImports(readerOf(bytes, importSection), []) : [];
  const importedLimits = imported.flatMap(({ limits }) => limits ?? []);
  const ownLimits = readMemories(bytes, sections);
  const all = [...importedLimits, ...ownLimits];

  const initialBytes = all.reduce((sum, { min, pageBytes }) => sum + min * pageBytes, 0);
  if (initialBytes > maxBytes) throw new MemoryMinimumError({ initialBytes, ceilingBytes: maxBytes });
  const share = all.length === 0 ? 0 : Math.floor((maxBytes - initialBytes) / all.length);

  // From back to front, so that the offsets of the section still to do stay true.
  const memorySection = sections.find(({ id }) => id === SectionId.memory);
  let limited: Uint8Array<B | ArrayBuffer> = memorySection ? rewrite(bytes, memorySection, ownLimits, share) : bytes;
  if (importSection) limited = rewrite(limited, importSection, importedLimits, share);
  return limited;
}

/**
 * {@link limitMemory} for modules that share one ceiling: those that have memories of their own get a part each of what their minima
 * leave. Imported memories stay as they are: whoever owns one bounds it.
 */
export function limitOwnMemories(
  modules: readonly Uint8Array[],
  maxBytes: number,
): readonly { readonly bytes: Uint8Array; readonly ownsMemory: boolean }[] {
  const minima = modules.map((bytes) =>
    readMemories(bytes, readSections(bytes)).map(({ min, pageBytes }) => min * pageBytes),
  );
  const initial = minima.map((own) => own.reduce((sum, bytes) => sum + bytes, 0));
  const initialBytes = initial.reduce((sum, bytes) => sum + bytes, 0);
  if (initialBytes > maxBytes) throw new MemoryMinimumError({ initialBytes, ceilingBytes: maxBytes });
  const owners = minima.filter((own) => own.length > 0).length;
  const share = owners === 0 ? 0 : Math.floor((maxBytes - initialBytes) / owners);
  return modules.map((bytes, index) => {
    const ownsMemory = (minima[index]?.length ?? 0) > 0;
    if (!ownsMemory) return { bytes, ownsMemory };
    return { bytes: limitMemory(bytes, { maxBytes: (initial[index] ?? 0) + share, ownOnly: true }), ownsMemory };
  });
}

/**
 * Why modules that share a ceiling will get no more memory than they start with, although they are made to grow, in plain words; undefined where
 * they may grow, or have a maximum of their own that they start with.
 */
export function whyNoGrowth(modules: readonly Uint8Array[], maxBytes: number): string | undefined {
  const owned = modules.map((bytes) => readMemories(bytes, readSections(bytes))).filter((own) => own.length > 0);
  const growing = owned.flat().filter(({ min, max }) => max === undefined || max > min);
  const initialBytes = owned.flat().reduce((sum, { min, pageBytes }) => sum + min * pageBytes, 0);
  const share = Math.floor((maxBytes - initialBytes) / owned.length);
  if (growing.length === 0 || growing.some(({ pageBytes }) => share >= pageBytes)) return undefined;
  return (
    `it starts with ${initialBytes} bytes of memory, which is all that it may have: where it needs more, calls fail. ` +
    `Raise "memoryCeilingBytes" from ${maxBytes}, unless it needs none`
  );
}

/** Lowers the given limits, which all stand in one section. */
function rewrite<B extends ArrayBufferLike>(
  bytes: Uint8Array<B>,
  section: Section,
  all: readonly WasmLimits[],
  shareBytes: number,
): Uint8Array<B | ArrayBuffer> {
  const changed = all.filter((limits) => (limits.max ?? Number.POSITIVE_INFINITY) > ceilingPages(limits, shareBytes));
  if (changed.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let copied = section.contentStart;
  for (const limits of changed) {
    parts.push(bytes.subarray(copied, limits.start), encodeLimits(limits, ceilingPages(limits, shareBytes)));
    copied = limits.end;
  }
  parts.push(bytes.subarray(copied, section.end));
  return replaceContent(bytes, section, concat(...parts));
}

function ceilingPages({ min, pageBytes }: WasmLimits, shareBytes: number): number {
  return min + Math.floor(shareBytes / pageBytes);
}

function encodeLimits(limits: WasmLimits, max: number): Uint8Array {
  const pageSize = limits.pageBytes === 65_536 ? [] : encodeUnsigned(Math.log2(limits.pageBytes));
  return Uint8Array.of(flagsWithMaximum(limits), ...encodeUnsigned(limits.min), ...encodeUnsigned(max), ...pageSize);
}
