import type { ByteReader } from './byte-reader.ts';
import { skipConstant } from './constant-expression.ts';
import { readerOf, type Section, SectionId } from './sections.ts';
import { readValueType } from './types.ts';

const ElementFlag = { isNotActive: 0b001, hasTableOrIsDeclared: 0b010, hasExpressions: 0b100 } as const;
const PASSIVE_DATA = 1;

/**
 * Whether an instance may copy from segments of the module, or drop them, whenever it wants to: what it has dropped is state
 * that nobody outside can see. True also where that cannot be told, which is where a segment holds what is not known here.
 *
 * @throws ABI_BAD_MODULE
 */
export function hasPassiveSegments(bytes: Uint8Array, sections: readonly Section[]): boolean {
  const isFound = (id: number, isActive: (reader: ByteReader) => boolean): boolean => {
    const section = sections.find((candidate) => candidate.id === id);
    if (section === undefined) return false;
    const reader = readerOf(bytes, section);
    const count = reader.u32();
    for (let index = 0; index < count; index++) if (!isActive(reader)) return true;
    return false;
  };
  return isFound(SectionId.element, skipElements) || isFound(SectionId.data, skipData);
}

/** Moves past a segment that is used up when the module is instantiated; false where it is another one. */
function skipData(reader: ByteReader): boolean {
  const kind = reader.u32();
  if (kind === PASSIVE_DATA) return false;
  if (kind > PASSIVE_DATA) reader.u32();
  if (!skipConstant(reader)) return false;
  reader.skip(reader.u32());
  return true;
}

/** The same for a table's entries. Declared ones only name functions, and hold nothing. */
function skipElements(reader: ByteReader): boolean {
  const flags = reader.u32();
  const isActive = (flags & ElementFlag.isNotActive) === 0;
  const hasTableOrIsDeclared = (flags & ElementFlag.hasTableOrIsDeclared) !== 0;
  const hasExpressions = (flags & ElementFlag.hasExpressions) !== 0;
  if (!isActive && !hasTableOrIsDeclared) return false;
  if (isActive && hasTableOrIsDeclared) reader.u32();
  if (isActive && !skipConstant(reader)) return false;
  if (hasTableOrIsDeclared) {
    if (hasExpressions) readValueType(reader);
    else reader.byte();
  }
  const count = reader.u32();
  for (let index = 0; index < count; index++) {
    if (!hasExpressions) reader.u32();
    else if (!skipConstant(reader)) return false;
  }
  return true;
}
