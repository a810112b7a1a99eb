import { encodeUnsigned } from './byte-reader.ts';
import { concat } from './concat.ts';
import { skipConstant } from './constant-expression.ts';
import { readImports, readMemories } from './declarations.ts';
import { readLimits } from './limits.ts';
import { hasPassiveSegments } from './passive-segments.ts';
import { readerOf, readSections, replaceContent, type Section, SectionId } from './sections.ts';
import { readValueType } from './types.ts';

const RESERVED = 'lockgate:';

/** What the exports that {@link exportState} adds are called, followed by a number. */
export const StateExport = {
  memory: 'lockgate:memory ',
  table: 'lockgate:table ',
  global: 'lockgate:global ',
} as const;

const KIND = { table: 1, memory: 2, global: 3 } as const;
const FUNCREF = 0x70;
const NUMBERS: readonly string[] = ['i32', 'i64', 'f32', 'f64'];

const encoder = new TextEncoder();

/**
 * Exports all that an instance of the module can change of itself: its memory, its tables and its mutable globals, under
 * names of {@link StateExport}. Between two calls that is the whole of its state, so that it can be copied into another
 * instance. A module for which that would not hold is returned as it is: with a start function, which would run again,
 * with several memories or none, with imported state, with globals that hold references or vectors, with tables of anything
 * but functions, with segments that it may drop at any time, and with exports that have such names already.
 *
 * @throws ABI_BAD_MODULE
 */
export function exportState<B extends ArrayBufferLike>(bytes: Uint8Array<B>): Uint8Array<B | ArrayBuffer> {
  const sections = readSections(bytes);
  const exportSection = sections.find(({ id }) => id === SectionId.export);
  if (exportSection === undefined || !isReachable(bytes, sections)) return bytes;
  const globals = mutableGlobals(bytes, sections);
  const tables = plainTables(bytes, sections);
  if (globals === undefined || tables === undefined) return bytes;
  const added = [
    entry(StateExport.memory, KIND.memory, 0),
    ...tables.map((index) => entry(StateExport.table, KIND.table, index)),
    ...globals.map((index) => entry(StateExport.global, KIND.global, index)),
  ];
  const reader = readerOf(bytes, exportSection);
  const count = reader.u32();
  const present = bytes.subarray(reader.offset, exportSection.end);
  for (let index = 0; index < count; index++) {
    if (reader.name().startsWith(RESERVED)) return bytes;
    reader.skip(1);
    reader.u32();
  }
  const head = Uint8Array.from(encodeUnsigned(count + added.length));
  return replaceContent(bytes, exportSection, concat(head, present, ...added));
}

/** Whether all of its state is its own, and in one ordinary memory. */
function isReachable(bytes: Uint8Array, sections: readonly Section[]): boolean {
  if (sections.some(({ id }) => id === SectionId.start)) return false;
  const importSection = sections.find(({ id }) => id === SectionId.import);
  const imports = importSection ? readImports(readerOf(bytes, importSection), []) : [];
  if (imports.some(({ kind }) => kind !== 'function')) return false;
  const [memory, another] = readMemories(bytes, sections);
  if (memory === undefined || another !== undefined || hasPassiveSegments(bytes, sections)) return false;
  return !memory.shared && !memory.is64 && memory.pageBytes === 65_536;
}

/** The places of the tables; undefined where one of them could hold what has a state of its own, or is not for 32-bit places. */
function plainTables(bytes: Uint8Array, sections: readonly Section[]): readonly number[] | undefined {
  const section = sections.find(({ id }) => id === SectionId.table);
  if (section === undefined) return [];
  const reader = readerOf(bytes, section);
  const count = reader.u32();
  const places: number[] = [];
  for (let index = 0; index < count; index++) {
    if (reader.byte() !== FUNCREF || readLimits(reader).is64) return undefined;
    places.push(index);
  }
  return places;
}

/** The places of the globals that can change; undefined where one of them is no number. */
function mutableGlobals(bytes: Uint8Array, sections: readonly Section[]): readonly number[] | undefined {
  const section = sections.find(({ id }) => id === SectionId.global);
  if (section === undefined) return [];
  const reader = readerOf(bytes, section);
  const count = reader.u32();
  const mutable: number[] = [];
  for (let index = 0; index < count; index++) {
    const type = readValueType(reader);
    const mutability = reader.byte();
    if (mutability > 1 || (mutability === 1 && !NUMBERS.includes(type))) return undefined;
    if (mutability === 1) mutable.push(index);
    if (!skipConstant(reader)) return undefined;
  }
  return mutable;
}

function entry(prefix: string, kind: number, index: number): Uint8Array {
  const name = encoder.encode(`${prefix}${index}`);
  return Uint8Array.of(...encodeUnsigned(name.length), ...name, kind, ...encodeUnsigned(index));
}
