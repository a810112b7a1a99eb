import { ByteReader, encodeUnsigned } from './byte-reader.ts';
import { concat } from './concat.ts';

/** The sections that this package looks into, by their number in the binary. */
export const SectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  data: 11,
} as const;

// The preamble: `\0asm`, then version 1 as u32.
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** One section: where it starts with its number, and where its content lies. All are byte offsets in the module. */
export interface Section {
  readonly id: number;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
}

/**
 * Lists a module's sections without looking into them.
 *
 * @throws ABI_BAD_MODULE
 */
export function readSections(bytes: Uint8Array): readonly Section[] {
  const reader = new ByteReader(bytes);
  for (const [index, expected] of PREAMBLE.entries()) {
    if (bytes[index] !== expected) reader.fail(preambleProblem(bytes));
    reader.skip(1);
  }
  const sections: Section[] = [];
  while (!reader.done) {
    const start = reader.offset;
    const id = reader.byte();
    const size = reader.u32();
    const contentStart = reader.offset;
    reader.skip(size);
    sections.push({ id, start, contentStart, end: reader.offset });
  }
  return sections;
}

/** A reader over one section's content. */
export function readerOf(bytes: Uint8Array, section: Section): ByteReader {
  return new ByteReader(bytes, section.contentStart, section.end);
}

/** The module with one section's content replaced; everything else stays byte for byte. */
export function replaceContent(bytes: Uint8Array, section: Section, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = encodeSection(section.id, content);
  return concat(bytes.subarray(0, section.start), next, bytes.subarray(section.end));
}

/** A section with its number and its length in front. */
export function encodeSection(id: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(id, ...encodeUnsigned(content.length)), content);
}

/** Of the binary form that WASI 0.2 uses. */
const COMPONENT_VERSION = 13;

function preambleProblem(bytes: Uint8Array): string {
  const magic = PREAMBLE.slice(0, 4).every((byte, index) => bytes[index] === byte);
  if (!magic) return 'it does not start with "\\0asm"';
  if (bytes[6] === 0x01) {
    const version = (bytes[4] ?? 0) + 256 * (bytes[5] ?? 0);
    return version === COMPONENT_VERSION
      ? 'it is a component, not a core module'
      : `it is a component of version ${version}, and ${COMPONENT_VERSION} is the one that is read`;
  }
  return 'its version is not 1';
}
