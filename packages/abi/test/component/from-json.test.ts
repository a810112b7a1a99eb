import { describe, expect, test } from 'vitest';
import { recordOf } from '../../src/component/from-json.ts';
import type { ValueType } from '../../src/component/value-type.ts';

const u32: ValueType = { kind: 'u32' };
const read = (type: ValueType, x: unknown): unknown => recordOf([{ name: 'x', type }], { x }, '').x;
const record: ValueType = {
  kind: 'record',
  fields: [
    { name: 'constructor', type: u32 },
    { name: 'more', type: { kind: 'option', inner: { kind: 'string' } } },
  ],
};
const variant: ValueType = { kind: 'variant', cases: [{ name: 'some-of', type: u32 }, { name: 'none' }] };
/** What `JSON.parse` makes of 1e400. */
const BEYOND = Number.POSITIVE_INFINITY;
const nested: ValueType = { kind: 'option', inner: { kind: 'option', inner: u32 } };
const result: ValueType = { kind: 'result', ok: u32 };

describe('arguments in JSON', () => {
  test.each<readonly [ValueType, unknown, unknown]>([
    [{ kind: 'u64' }, '18446744073709551615', 18446744073709551615n],
    [{ kind: 's64' }, -9007199254740991, -9007199254740991n],
    [{ kind: 'f64' }, '-Infinity', Number.NEGATIVE_INFINITY],
    [{ kind: 'f64' }, 1.7e308, 1.7e308],
    [{ kind: 'f32' }, 3.4e38, 3.4e38],
    [{ kind: 'char' }, '\u{1f600}', 0x1f600],
    [{ kind: 'list', element: { kind: 'u8' } }, [0, 255], [0, 255]],
    [{ kind: 'list', element: { kind: 'u8' } }, new Array(17).fill(255), new Uint8Array(17).fill(255)],
    [{ kind: 'flags', names: ['a', 'b', 'c'] }, ['c', 'a'], 5],
    [{ kind: 'flags', names: ['a', 'b', 'c'] }, { b: true, c: false }, 2],
    [record, { constructor: 1 }, { constructor: 1, more: undefined }],
    [record, { constructor: 1, more: null }, { constructor: 1, more: undefined }],
    [variant, { tag: 'none', val: null }, { tag: 'none' }],
    [nested, { tag: 'some', val: null }, { tag: 'some', val: undefined }],
    [result, { err: null }, { tag: 'err' }],
  ])('%j takes %j', (type, json, value) => {
    expect(read(type, json)).toEqual(value);
  });

  test.each<readonly [ValueType, unknown, RegExp]>([
    [{ kind: 'u8' }, 256, /"x" must be a whole number from 0 to 255, found a number/],
    [{ kind: 's8' }, -129, /from -128 to 127/],
    [{ kind: 'u64' }, 2 ** 60, /beyond 2\^53 as a string/],
    [{ kind: 'u64' }, '18446744073709551616', /whole number from 0 to/],
    [{ kind: 'u64' }, '0x10', /whole number from 0 to/],
    [{ kind: 's64' }, 1.5, /whole number/],
    [{ kind: 'bool' }, 1, /true or false, found a number/],
    [{ kind: 'f32' }, 'toString', /must be a number, found a string/],
    [{ kind: 'f64' }, BEYOND, /must be a number of f64; .*"Infinity".*, found a number beyond 1\.8e308$/],
    [{ kind: 'f64' }, -BEYOND, /must be a number of f64; .*, found a number beyond 1\.8e308$/],
    [{ kind: 'f32' }, 1e39, /must be a number of f32; .*, found a number beyond 3\.4e38$/],
    [{ kind: 'f32' }, -BEYOND, /must be a number of f32; .*, found a number beyond 1\.8e308$/],
    [{ kind: 's64' }, BEYOND, /whole number from .*, found a number beyond 1\.8e308$/],
    [{ kind: 'u8' }, -BEYOND, /whole number from 0 to 255, found a number beyond 1\.8e308$/],
    [{ kind: 'string' }, BEYOND, /must be a string, found a number beyond 1\.8e308$/],
    [{ kind: 'list', element: { kind: 'f64' } }, [0, BEYOND], /"x\[1\]" must be a number of f64/],
    [{ kind: 'char' }, 'ab', /string of one character/],
    [{ kind: 'char' }, '\ud800', /string of one character/],
    [{ kind: 'list', element: u32 }, [1, 'b'], /"x\[1\]" must be a whole number/],
    [{ kind: 'tuple', elements: [u32, u32] }, [1], /array of 2 values, found an array of 1/],
    [{ kind: 'enum', names: ['a'] }, 'toString', /must be "a", found a string/],
    [{ kind: 'flags', names: ['a'] }, ['b'], /array of "a"/],
    [{ kind: 'flags', names: ['a'] }, { a: 1 }, /array of "a"/],
    [
      record,
      { constructo: 1 },
      /"x\.constructor" must be there, found nothing; there is no field "constructo" in "x"; known: "constructor", "more"/,
    ],
    [record, {}, /"x\.constructor" must be there, found nothing/],
    [record, { constructor: 1, other: 2 }, /^there is no field "other" in "x"; known: "constructor", "more"$/],
    [record, { constructor: 1, [`o"${'t'.repeat(200)}`]: 2 }, /^there is no field "o t{98}…" in "x"; known: /],
    [record, { constructor: 1, a: 1, b: 2 }, /^there are no fields "a", "b" in "x"; known: /],
    [variant, { tag: 'constructor' }, /"tag" is "some-of", "none"/],
    [variant, { tag: 'some-of' }, /"x\.val" must be a whole number.*found nothing/],
    [variant, { tag: 'none', val: 1 }, /"x\.val" must be absent/],
    [variant, { tag: 'some-of', val: 1, x: 1 }, /^there is no field "x" in "x"; known: "tag", "val"$/],
    [variant, { tag: 'none', value: 1 }, /^there is no field "value" in "x"; known: "tag", "val"$/],
    [nested, { tag: 'some', val: 1, y: 1 }, /^there is no field "y" in "x"; known: "tag", "val"$/],
    [result, { ok: 1, err: null }, /object with "ok" or "err"/],
    [result, { err: 1 }, /"x\.err" must be null/],
    [{ kind: 'own', resource: { kind: 'resource', name: 'r' } }, 1, /a handle, which JSON has not/],
  ])('%j refuses %j, and says where and what it wants', (type, json, reason) => {
    expect(() => read(type, json)).toThrow(reason);
  });
});
