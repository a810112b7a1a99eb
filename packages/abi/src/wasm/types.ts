import type { ByteReader } from './byte-reader.ts';

/** A function's type as the text format's names, such as `{ params: ['i32', 'i32'], results: ['i64'] }`. */
export interface Signature {
  readonly params: readonly string[];
  readonly results: readonly string[];
}

const VALUE_TYPES: Readonly<Record<number, string>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
  123: 'v128',
  112: 'funcref',
  111: 'externref',
};

/** Writes a signature as the specification does: `(i32, i32) -> i64`; no result is `()`. */
export function formatSignature({ params, results }: Signature): string {
  return `(${params.join(', ')}) -> ${results.length === 1 ? results[0] : `(${results.join(', ')})`}`;
}

/**
 * Reads the type section: one entry for each type index, `undefined` where the type is no function (GC types).
 *
 * @throws ABI_BAD_MODULE
 */
export function readTypes(reader: ByteReader): readonly (Signature | undefined)[] {
  const types: (Signature | undefined)[] = [];
  const groups = reader.u32();
  for (let group = 0; group < groups; group++) {
    const first = reader.byte();
    if (first === 0x4e) {
      const members = reader.u32();
      for (let member = 0; member < members; member++) types.push(readSubtype(reader, reader.byte()));
    } else {
      types.push(readSubtype(reader, first));
    }
  }
  return types;
}

/** Reads a value type; reference types beyond the two old ones are all called `ref`. */
export function readValueType(reader: ByteReader): string {
  const code = reader.byte();
  const known = VALUE_TYPES[code];
  if (known !== undefined) return known;
  if (code === 0x63 || code === 0x64) {
    reader.skipS33();
    return 'ref';
  }
  // The abstract heap types in their one-byte form: any, eq, i31, struct, array, exn, none, nofunc, noextern, noexn.
  if (code >= 0x68 && code <= 0x74) return 'ref';
  return reader.fail(`0x${code.toString(16)} is no known type`);
}

function readSubtype(reader: ByteReader, first: number): Signature | undefined {
  if (first !== 0x50 && first !== 0x4f) return readCompositeType(reader, first);
  const parents = reader.u32();
  for (let parent = 0; parent < parents; parent++) reader.u32();
  return readCompositeType(reader, reader.byte());
}

function readCompositeType(reader: ByteReader, form: number): Signature | undefined {
  if (form === 0x60) return { params: readValueTypes(reader), results: readValueTypes(reader) };
  if (form !== 0x5f && form !== 0x5e) reader.fail(`0x${form.toString(16)} is no known kind of type`);
  const fields = form === 0x5f ? reader.u32() : 1;
  for (let field = 0; field < fields; field++) {
    const packed = reader.bytes[reader.offset];
    if (packed === 0x78 || packed === 0x77) reader.byte();
    else readValueType(reader);
    reader.byte();
  }
  return undefined;
}

function readValueTypes(reader: ByteReader): readonly string[] {
  const count = reader.u32();
  const types: string[] = [];
  for (let index = 0; index < count; index++) types.push(readValueType(reader));
  return types;
}
