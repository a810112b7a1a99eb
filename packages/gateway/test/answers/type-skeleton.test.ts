import { expect, test } from 'vitest';
import { typeSkeleton } from '../../src/answers/type-skeleton.ts';
import { parseExactly } from '../../src/query/exact-json.ts';

test.each([
  [
    '{"total":1.0,"items":[{"id":1,"t":"a"},{"id":2,"more":null}]}',
    '{total: number, items: {id: number, more: null, t: string}[2]}',
  ],
  ['[1,"a",2]', '(number | string)[3]'],
  ['{"a-b":[],"c":true}', '{"a-b": unknown[0], c: boolean}'],
])('%s', (text, type) => {
  expect(typeSkeleton(parseExactly(text))).toContain(type);
});

test('of what is nested deeply says the upper levels', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  expect(typeSkeleton(parseExactly(deep))).toBe('unknown[1][1][1][1][1]');
});

test('says how much it does not say', () => {
  const wide = Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`k${n}`, n]));
  expect(typeSkeleton(wide)).toMatch(/k29: number, \.\.\. 3 more\}$/);
  const huge = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`name${n}`.padEnd(40, 'x'), n]));
  expect(typeSkeleton(huge)).toHaveLength(603);
});
