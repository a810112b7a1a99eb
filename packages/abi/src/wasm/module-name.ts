import { type ByteReader, encodeUnsigned } from './byte-reader.ts';
import { concat } from './concat.ts';
import { encodeSection, readerOf, readSections, replaceContent, type Section, SectionId } from './sections.ts';

const MODULE_NAME = 0;

/**
 * Gives a module a name, which engines show in stack traces. It goes into the custom section `name`, where the names
 * of functions stay as they are. Source: WebAssembly core spec, appendix "Name Section".
 *
 * @throws ABI_BAD_MODULE
 */
export function nameModule(bytes: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(name);
  const subsection = encodeSection(MODULE_NAME, concat(Uint8Array.from(encodeUnsigned(text.length)), text));
  const label = Uint8Array.of(4, 0x6e, 0x61, 0x6d, 0x65); // "name" with its length
  const section = readSections(bytes).find((candidate) => isNameSection(bytes, candidate));
  if (!section) return concat(bytes, encodeSection(SectionId.custom, concat(label, subsection)));
  const others = otherSubsections(readerOf(bytes, section));
  return replaceContent(bytes, section, concat(label, subsection, ...others));
}

function isNameSection(bytes: Uint8Array, section: Section): boolean {
  if (section.id !== SectionId.custom) return false;
  return readerOf(bytes, section).name() === 'name';
}

/** Engines ignore a broken name section, so what can still be read of one is kept and the rest left out. */
function otherSubsections(reader: ByteReader): readonly Uint8Array[] {
  reader.name();
  const kept: Uint8Array[] = [];
  try {
    while (!reader.done) {
      const start = reader.offset;
      const id = reader.byte();
      reader.skip(reader.u32());
      if (id !== MODULE_NAME) kept.push(reader.bytes.subarray(start, reader.offset));
    }
  } catch {
    return kept;
  }
  return kept;
}
