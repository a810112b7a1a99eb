import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModuleFormatError } from '../../src/index.ts';
import { ByteReader, encodeUnsigned } from '../../src/wasm/byte-reader.ts';
import { leb } from '../module-builder.ts';

const reader = (...bytes: number[]): ByteReader => new ByteReader(Uint8Array.from(bytes));

describe('byte reader', () => {
  test('a number comes back as it was written, in shortest and in padded form', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.integer({ min: 1, max: 5 }), (value, length) => {
        expect(reader(...encodeUnsigned(value)).u32()).toBe(value);
        expect(reader(...leb(value, length)).u32()).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 10 }), (value, length) => {
        expect(reader(...encodeUnsigned(value)).u64()).toBe(value);
        expect(reader(...leb(value, length)).u64()).toBe(value);
      }),
    );
  });

  test.each([
    ['a fifth byte with bits above the 32nd', [0xff, 0xff, 0xff, 0xff, 0x10]],
    ['six bytes', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['an unfinished number', [0x80]],
    ['nothing', []],
  ])('%s is no 32-bit number', (_, bytes) => {
    expect(() => reader(...bytes).u32()).toThrow(ModuleFormatError);
  });

  test('a 64-bit number has at most 10 bytes and 64 bits', () => {
    const nine = Array.from({ length: 9 }, () => 0xff);
    expect(reader(...nine, 0x01).u64()).toBe(2 ** 64);
    expect(() => reader(...nine, 0x02).u64()).toThrow('larger than its type');
    expect(() => reader(...nine, 0x80, 0x00).u64()).toThrow('longer than its type');
  });

  test('a heap type has at most five bytes', () => {
    const input = reader(0x80, 0x01, 0x70);
    input.skipS33();
    expect(input.byte()).toBe(0x70);
    expect(() => reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).skipS33()).toThrow(ModuleFormatError);
  });

  test('a name has to be UTF-8 and to end inside', () => {
    expect(reader(2, 0xc3, 0x9f).name()).toBe('ß');
    expect(() => reader(1, 0xff).name()).toThrow('not UTF-8');
    expect(() => reader(2, 0x61).name()).toThrow('ends too early');
  });

  test('the error names the offset', () => {
    const input = reader(1, 2);
    input.skip(2);
    expect(() => input.byte()).toThrow(expect.objectContaining({ byteOffset: 2 }));
  });

  test('a reader over a part stops at the end of the part', () => {
    const part = new ByteReader(Uint8Array.of(1, 2, 3), 0, 1);
    expect(part.byte()).toBe(1);
    expect(part.done).toBe(true);
    expect(() => part.byte()).toThrow(ModuleFormatError);
  });
});
