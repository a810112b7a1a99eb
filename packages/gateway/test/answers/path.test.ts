import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Paths, pathOf, specPaths } from '../../src/answers/path.ts';

const ISSUES = {
  total: 2,
  items: [
    {
      number: 1,
      title: 'a',
      user: { login: 'x', id: 7 },
      labels: [{ name: 'l', color: 'red' }],
      html_url: 'u',
      url: 'v',
    },
    { number: 2, title: 'b', user: { login: 'y', id: 8 }, labels: [] },
  ],
};

const kept = (...pointers: string[]): unknown => new Paths(pointers.map(pathOf)).keep(ISSUES);

describe('fields', () => {
  test('are kept in what is around them, from every element of a list', () => {
    expect(kept('/total', '/items/number', '/items/user/login', '/items/labels/name')).toEqual({
      total: 2,
      items: [
        { number: 1, user: { login: 'x' }, labels: [{ name: 'l' }] },
        { number: 2, user: { login: 'y' }, labels: [] },
      ],
    });
  });

  test('of an element that has none leave its place', () => {
    expect(new Paths([pathOf('/a')]).keep([{ a: 1 }, { b: 2 }, { a: 3 }])).toEqual([{ a: 1 }, {}, { a: 3 }]);
  });

  test('that are nowhere leave nothing, not even an empty list', () => {
    expect(kept('/items/titel')).toBeUndefined();
    expect(kept('/items/number/digits')).toBeUndefined();
  });

  test('inside a field that is kept change nothing', () => {
    expect(kept('/items/user', '/items/user/login')).toEqual(kept('/items/user'));
    expect(kept('/items/user/login', '/items/user')).toEqual(kept('/items/user'));
  });

  test('have names with escapes, and only own members count', () => {
    expect(new Paths([pathOf('/a~1b/~0')]).keep({ 'a/b': { '~': 1, c: 2 } })).toEqual({ 'a/b': { '~': 1 } });
    expect(new Paths([pathOf('/constructor')]).keep({ a: 1 })).toBeUndefined();
  });
});

test('what is omitted is gone from every element, and nothing else', () => {
  const omitted = new Paths(['/items/labels', '/items/user/id', '/total'].map(pathOf)).omit(ISSUES);
  expect(omitted).toEqual({
    items: [
      { number: 1, title: 'a', user: { login: 'x' }, html_url: 'u', url: 'v' },
      { number: 2, title: 'b', user: { login: 'y' } },
    ],
  });
});

test('what is kept and what is omitted by the same paths has each leaf once', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.dictionary(names, tie('value'), { maxKeys: 3 })),
  })).value;
  const leaves = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.values(value).reduce((sum: number, inner) => sum + leaves(inner), 0)
      : Number(value !== undefined);
  fc.assert(
    fc.property(tree, fc.array(fc.array(names, { minLength: 1, maxLength: 3 }), { maxLength: 4 }), (value, paths) => {
      const all = new Paths(paths);
      expect(leaves(all.keep(value)) + leaves(all.omit(value))).toBe(leaves(value));
    }),
  );
});

test('a plugin says the same in its own words', () => {
  const { fields, omit } = specPaths(['number', 'user.login', 'labels[].name', 'title:t', '-*_url', '-total', '', '-']);
  expect(fields).toEqual([['number'], ['user', 'login'], ['labels', 'name'], ['title']]);
  expect(omit).toEqual([[expect.objectContaining({ source: '*_url' })], ['total']]);
  expect(specPaths(['user.*']).fields).toEqual([['user']]);
  expect(new Paths(omit).omit({ total: 1, html_url: 1, url: 1 })).toEqual({ url: 1 });
});

test('a star of a plugin stands for any letters, and a name that nearly fits costs one look at it', () => {
  const names = (spec: string): string[] => {
    const all = { ab: 1, aXb: 1, aXbYc: 1, abc: 1, b: 1, '': 1, ['a'.repeat(100_000)]: 1 };
    return Object.keys((new Paths(specPaths([spec]).fields).keep(all) as object | undefined) ?? {});
  };
  expect(names('a*b')).toEqual(['ab', 'aXb']);
  expect(names('a*b*c')).toEqual(['aXbYc', 'abc']);
  expect(names('*b*')).toEqual(['ab', 'aXb', 'aXbYc', 'abc', 'b']);
  expect(names('ab*b')).toEqual([]);
  expect(names(`${'*a'.repeat(20)}*b`)).toEqual([]);
});

test('the first hundred paths of a plugin count', () => {
  expect(specPaths(Array.from({ length: 200 }, (_, n) => `f${n}`)).fields).toHaveLength(100);
});
