import { describe, expect, test } from 'vitest';
import { ModuleFormatError } from '../../src/index.ts';
import { ByteReader } from '../../src/wasm/byte-reader.ts';
import { formatSignature, readTypes } from '../../src/wasm/types.ts';

const read = (...bytes: number[]): (string | undefined)[] =>
  readTypes(new ByteReader(Uint8Array.from(bytes))).map((type) => type && formatSignature(type));

describe('type section', () => {
  test('function types read as the specification writes them', () => {
    expect(read(4, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 1, 0x7d, 0x60, 1, 0x7c, 2, 0x7b, 0x70, 0x60, 1, 0x6f, 0)).toEqual([
      '() -> ()',
      '(i32, i64) -> f32',
      '(f64) -> (v128, funcref)',
      '(externref) -> ()',
    ]);
  });

  test('structs, arrays, subtypes and recursive groups keep the numbering of types', () => {
    expect(
      read(
        5,
        ...[0x5f, 2, 0x78, 0, 0x7f, 1],
        ...[0x5e, 0x77, 1],
        ...[0x4e, 2, 0x50, 0, 0x5f, 0, 0x60, 1, 0x63, 0x00, 0],
        ...[0x4f, 1, 0, 0x60, 1, 0x64, 0x80, 0x01, 1, 0x69],
        ...[0x60, 0, 1, 0x7e],
      ),
    ).toEqual([undefined, undefined, undefined, '(ref) -> ()', '(ref) -> ref', '() -> i64']);
  });

  test.each([
    ['an unknown form', [1, 0x61]],
    ['an unknown value type', [1, 0x60, 1, 0x01, 0]],
    ['more types announced than there are', [9, 0x60, 0, 0]],
    ['a huge count', [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%s is refused', (_, bytes) => {
    expect(() => read(...bytes)).toThrow(ModuleFormatError);
  });
});
