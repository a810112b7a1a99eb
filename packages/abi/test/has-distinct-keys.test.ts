import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasDistinctKeys } from '../src/has-distinct-keys.ts';
import { parseJsonText } from '../src/parse-json-text.ts';

const distinct = (text: string): boolean => hasDistinctKeys(text, parseJsonText(text));

test.each([
  ['{"a":1,"a":1}'],
  ['{"a":1,"\\u0061":1}'],
  ['[{"b":{"a" :1,"c":2,"a"\n:1}}]'],
  ['{"__proto__":1,"__proto__":2}'],
  ['{"x\\"":":","x\\"":1}'],
])('%s has a key twice', (text) => {
  expect(distinct(text)).toBe(false);
});

test('any value has each key once', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      expect(distinct(JSON.stringify(value, null, indent))).toBe(true);
    }),
  );
});

test('a key that is repeated in another object is none too many', () => {
  expect(distinct('[{"a":{"a":":"}},{"a":"\\":"}]')).toBe(true);
});
