import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonRoom } from '../../src/component/json-room.ts';
import { toJson } from '../../src/component/to-json.ts';
import type { ValueType } from '../../src/component/value-type.ts';

const LIMIT = 10_000;
const u8: ValueType = { kind: 'u8' };
const text: ValueType = { kind: 'string' };
const long = (count: number): string[] => Array.from({ length: count }, (_, index) => `${'n'.repeat(50)}-${index}`);
const listOf = (element: ValueType): ValueType => ({ kind: 'list', element });
const fields = (names: readonly string[], type: ValueType): { name: string; type: ValueType }[] =>
  names.map((name) => ({ name, type }));

const write = (type: ValueType, value: unknown, most = LIMIT): string =>
  JSON.stringify(toJson(type, value, new JsonRoom(most)));

/** The first of whose kinds is refused before it is made, each with a few bytes of the guest for it. */
const GROWING: readonly (readonly [what: string, type: ValueType, value: unknown])[] = [
  ['the names of enums', listOf({ kind: 'enum', names: long(4) }), Array(200).fill(long(1)[0])],
  ['the names of flags', listOf({ kind: 'flags', names: long(32) }), Array(20).fill(0xffffffff)],
  [
    'the names of fields',
    listOf({ kind: 'record', fields: fields(long(9), u8) }),
    Array(40).fill(Object.fromEntries(long(9).map((name) => [name, 1]))),
  ],
  [
    'the names of cases',
    listOf({ kind: 'variant', cases: long(2).map((name) => ({ name, type: u8 })) }),
    Array(200).fill({ tag: long(1)[0], val: 1 }),
  ],
  ['the escapes of a text', text, '\u0001'.repeat(3_000)],
  ['the escapes of many texts', listOf(text), Array(400).fill('\u0001'.repeat(10))],
  ['quotes around texts', listOf(text), Array(4_000).fill('')],
  ['the digits of bytes', listOf(u8), new Uint8Array(3_000).fill(255)],
  ['the digits of floats', listOf({ kind: 'f32' }), Array(3_000).fill(1.401298464324817e-45)],
  ['the digits of integers', listOf({ kind: 'u64' }), Array(2_000).fill(2n ** 63n)],
  ['words for nothing', listOf({ kind: 'option', inner: u8 }), Array(3_000).fill(undefined)],
  [
    'the keys of options in options',
    listOf({ kind: 'option', inner: { kind: 'option', inner: u8 } }),
    Array(700).fill({ tag: 'none' }),
  ],
  ['the keys of results', listOf({ kind: 'result' }), Array(1_000).fill({ tag: 'ok' })],
  ['booleans', listOf({ kind: 'bool' }), Array(3_000).fill(true)],
];

describe('the JSON of what a guest answers', () => {
  test.each(GROWING)('is refused before it is made, where %s make it too long', (_what, type, value) => {
    expect(write(type, value, 1_000_000).length).toBeGreaterThan(LIMIT);
    expect(() => write(type, value)).toThrow(expect.objectContaining({ name: 'PassingLimitError' }));
  });

  test('is never counted as longer than it is', () => {
    const types = fc.letrec<{ type: ValueType }>((tie) => ({
      type: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<ValueType>(u8, text, { kind: 'bool' }, { kind: 's64' }, { kind: 'f64' }, { kind: 'char' }),
        fc.constantFrom<ValueType>({ kind: 'enum', names: ['a', 'bc'] }, { kind: 'flags', names: ['a', 'bc', 'd'] }),
        tie('type').map(listOf),
        tie('type').map((inner): ValueType => ({ kind: 'option', inner })),
        tie('type').map((ok): ValueType => ({ kind: 'result', ok })),
        fc.array(tie('type'), { maxLength: 3 }).map((elements): ValueType => ({ kind: 'tuple', elements })),
        fc
          .array(tie('type'), { maxLength: 3 })
          .map(
            (all): ValueType => ({ kind: 'record', fields: all.map((type, index) => ({ name: `f${index}`, type })) }),
          ),
        tie('type').map((type): ValueType => ({ kind: 'variant', cases: [{ name: 'v', type }, { name: 'w' }] })),
      ),
    })).type;
    fc.assert(
      fc.property(
        types.chain((type) => valuesOf(type).map((value) => ({ type, value }))),
        ({ type, value }) => {
          const whole = write(type, value, 10_000_000);
          expect(write(type, value, whole.length)).toBe(whole);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function valuesOf(type: ValueType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'u8':
      return fc.nat(255);
    case 'string':
      return fc.string({ unit: 'binary' });
    case 'bool':
      return fc.boolean();
    case 's64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'f64':
      return fc.double();
    case 'char':
      return fc.nat(0xd7ff);
    case 'enum':
      return fc.constantFrom(...type.names);
    case 'flags':
      return fc.nat(7);
    case 'list':
      return type.element.kind === 'u8' ? fc.uint8Array() : fc.array(valuesOf(type.element), { maxLength: 4 });
    case 'option':
      return type.inner.kind === 'option'
        ? fc.oneof(
            fc.constant({ tag: 'none' }),
            valuesOf(type.inner).map((val) => ({ tag: 'some', val })),
          )
        : fc.oneof(fc.constant(undefined), valuesOf(type.inner));
    case 'result':
      return fc.oneof(
        fc.constant({ tag: 'err' }),
        valuesOf(type.ok as ValueType).map((val) => ({ tag: 'ok', val })),
      );
    case 'tuple':
      return fc.tuple(...type.elements.map(valuesOf));
    case 'record':
      return fc.record(Object.fromEntries(type.fields.map((field) => [field.name, valuesOf(field.type)])));
    case 'variant':
      return fc.oneof(
        fc.constant({ tag: 'w' }),
        valuesOf(type.cases[0]?.type as ValueType).map((val) => ({ tag: 'v', val })),
      );
    default:
      throw new TypeError(type.kind);
  }
}
