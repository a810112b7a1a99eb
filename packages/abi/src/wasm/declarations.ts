import type { ByteReader } from './byte-reader.ts';
import { readLimits, type WasmLimits } from './limits.ts';
import { readerOf, readSections, type Section, SectionId } from './sections.ts';
import { readTypes, readValueType, type Signature } from './types.ts';

const KINDS = ['function', 'table', 'memory', 'global', 'tag'] as const;

/** What an import or an export is. */
export type ExternKind = (typeof KINDS)[number];

export interface ImportDeclaration {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  /** Of functions. */
  readonly signature?: Signature;
  /** Of memories. */
  readonly limits?: WasmLimits;
}

interface ExportDeclaration {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
  /** Of functions. */
  readonly signature?: Signature;
}

/** What a module declares towards its surroundings. */
export interface Declarations {
  readonly imports: readonly ImportDeclaration[];
  readonly exports: readonly ExportDeclaration[];
  /** Every memory by its index, the imported ones first. */
  readonly memories: readonly { readonly limits: WasmLimits; readonly imported: boolean }[];
  /** The names of the custom sections, in which tools leave what engines do not need. */
  readonly customSections: readonly string[];
}

/**
 * Reads a module's types, imports, memories and exports. It does not validate: that is the engine's work.
 *
 * @throws ABI_BAD_MODULE
 */
export function readDeclarations(bytes: Uint8Array): Declarations {
  const sections = readSections(bytes);
  const types = readOnce(bytes, sections, SectionId.type, readTypes) ?? [];
  const imports = readOnce(bytes, sections, SectionId.import, (reader) => readImports(reader, types)) ?? [];
  const own = readOnce(bytes, sections, SectionId.function, (reader) => readVector(reader, () => reader.u32())) ?? [];
  const memories = [
    ...imports.flatMap(({ limits }) => (limits ? [{ limits, imported: true }] : [])),
    ...readMemories(bytes, sections).map((limits) => ({ limits, imported: false })),
  ];
  const functions = imports.filter(({ kind }) => kind === 'function').map(({ signature }) => signature);
  const signatures = [...functions, ...own.map((type) => types[type])];
  const exports = readOnce(bytes, sections, SectionId.export, (reader) => readExports(reader, signatures)) ?? [];
  const customSections = sections
    .filter(({ id }) => id === SectionId.custom)
    .map((section) => readerOf(bytes, section).name());
  return { imports, exports, memories, customSections };
}

/** The limits of the memories that the module defines itself. */
export function readMemories(bytes: Uint8Array, sections: readonly Section[]): readonly WasmLimits[] {
  return readOnce(bytes, sections, SectionId.memory, (reader) => readVector(reader, () => readLimits(reader))) ?? [];
}

/** Reads an import section; without types its functions have no signature. */
export function readImports(
  reader: ByteReader,
  types: readonly (Signature | undefined)[],
): readonly ImportDeclaration[] {
  return readVector(reader, () => {
    const module = reader.name();
    const name = reader.name();
    const kind = readKind(reader);
    switch (kind) {
      case 'function': {
        const signature = types[reader.u32()];
        return { module, name, kind, ...(signature ? { signature } : {}) };
      }
      case 'memory':
        return { module, name, kind, limits: readLimits(reader) };
      case 'table':
        readValueType(reader);
        readLimits(reader);
        return { module, name, kind };
      case 'global':
        readValueType(reader);
        reader.byte();
        return { module, name, kind };
      case 'tag':
        reader.byte();
        reader.u32();
        return { module, name, kind };
      default: {
        const unknown: never = kind;
        throw new TypeError(String(unknown));
      }
    }
  });
}

function readExports(reader: ByteReader, signatures: readonly (Signature | undefined)[]): readonly ExportDeclaration[] {
  return readVector(reader, () => {
    const name = reader.name();
    const kind = readKind(reader);
    const index = reader.u32();
    const signature = kind === 'function' ? signatures[index] : undefined;
    return { name, kind, index, ...(signature ? { signature } : {}) };
  });
}

function readOnce<T>(
  bytes: Uint8Array,
  sections: readonly Section[],
  id: number,
  read: (reader: ByteReader) => T,
): T | undefined {
  const section = sections.find((candidate) => candidate.id === id);
  return section && read(readerOf(bytes, section));
}

function readVector<T>(reader: ByteReader, readItem: () => T): readonly T[] {
  const count = reader.u32();
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(readItem());
  return items;
}

function readKind(reader: ByteReader): ExternKind {
  const code = reader.byte();
  return KINDS[code] ?? reader.fail(`${code} is no known kind of import or export`);
}
