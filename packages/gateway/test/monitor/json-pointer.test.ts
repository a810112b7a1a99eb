import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPointer, parsePointer, resolvePointer } from '../../src/monitor/json-pointer.ts';

test('a pointer is its tokens again, whatever characters they have', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (tokens) => {
      expect(parsePointer(formatPointer(tokens))).toEqual(tokens);
    }),
  );
});

test.each(['items', ' /items', '/a~', '/a~2b'])('%j is no pointer', (text) => {
  expect(parsePointer(text)).toBeUndefined();
});

test('it leads through arrays and own properties only', () => {
  const root = { list: [{ 'a/b': 1 }], '': 2 };
  expect(resolvePointer(root, ['list', '0', 'a/b'])).toBe(1);
  expect(resolvePointer(root, [''])).toBe(2);
  expect(resolvePointer(root, [])).toBe(root);
  for (const tokens of [['list', '-'], ['list', '00'], ['list', 'length'], ['toString'], ['list', '0', 'a/b', 'x']]) {
    expect(resolvePointer(root, tokens), tokens.join()).toBeUndefined();
  }
});
