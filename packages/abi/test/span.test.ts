import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packSpan, unpackSpan } from '../src/index.ts';

const uint32 = (): fc.Arbitrary<number> =>
  fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));

describe('spans', () => {
  test('are packed as pointer << 32 | byteLength', () => {
    fc.assert(
      fc.property(uint32(), uint32(), (pointer, byteLength) => {
        expect(packSpan({ pointer, byteLength })).toBe((BigInt(pointer) << 32n) | BigInt(byteLength));
      }),
    );
  });

  test('come back as they were, whether the engine shows the i64 signed or not', () => {
    fc.assert(
      fc.property(uint32(), uint32(), (pointer, byteLength) => {
        const packed = packSpan({ pointer, byteLength });
        expect(unpackSpan(packed)).toEqual({ pointer, byteLength });
        expect(unpackSpan(BigInt.asIntN(64, packed))).toEqual({ pointer, byteLength });
      }),
    );
  });

  test('of any BigInt have unsigned parts', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 80n), max: 1n << 80n }), (packed) => {
        const { pointer, byteLength } = unpackSpan(packed);
        expect(packSpan({ pointer, byteLength })).toBe(BigInt.asUintN(64, packed));
      }),
    );
  });

  test.each([-1, 1.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])(
    'with the part %d are a mistake of the caller',
    (part) => {
      expect(() => packSpan({ pointer: part, byteLength: 0 })).toThrow(TypeError);
      expect(() => packSpan({ pointer: 0, byteLength: part })).toThrow(TypeError);
    },
  );
});
