import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { giveNames, type NamedSource } from '../../src/catalog/naming.ts';

const source = (prefix: string, ...names: string[]): NamedSource<string> => ({
  prefix,
  items: names.map((ownName) => ({ ownName, item: `${prefix}/${ownName}` })),
});
const names = (sources: NamedSource<string>[], prefix: 'always' | 'auto' | 'never'): string[] =>
  giveNames(sources, { prefix, separator: '__' }).map(({ name }) => name);

describe('names of several servers', () => {
  const sources = [source('a', 'read', 'write'), source('b', 'read')];

  test('always have a prefix where that is wanted', () => {
    expect(names(sources, 'always')).toEqual(['a__read', 'a__write', 'b__read']);
  });

  test('have one only where two are the same', () => {
    expect(names(sources, 'auto')).toEqual(['a__read', 'write', 'b__read']);
  });

  test('stay as they are at an endpoint of one server', () => {
    expect(names([source('a', 'read', 'write')], 'never')).toEqual(['read', 'write']);
  });

  test('have none where a server has an empty prefix', () => {
    expect(names([source('', 'read'), source('b', 'read')], 'always')).toEqual(['read', 'b__read']);
  });

  test('are told apart by a number where prefixes do not', () => {
    expect(names([source('a', 'read', 'read'), source('b', 'read')], 'never')).toEqual(['read', 'read_2', 'read_3']);
  });

  test('that begin as those of another source stand apart, whether it has such a name or not', () => {
    const apart = 'a_ca978112__b__c';
    for (const own of ['c', 'd'])
      expect(names([source('a', 'b__c'), source('a__b', own)], 'always')).toEqual([apart, `a__b__${own}`]);
    expect(names([source('evil', 't', 'b__push'), source('b', 'push')], 'auto')).toEqual([
      't',
      'evil__b__push',
      'push',
    ]);
    expect(names([source('', 'b__push'), source('b')], 'always')).toEqual(['_e3b0c442__b__push']);
    expect(names([source('x', 'read'), source('x', 'read')], 'always')).toEqual(['x__read', 'x__read_2']);
  });

  test('are made portable where that is wanted, and names that are so already keep theirs', () => {
    const long = 'x'.repeat(70);
    const given = [source('my app', 'a.b', 'a_b', `${long}1`, `${long}2`), source('my_app', 'a_b')];
    const named = giveNames(given, { prefix: 'always', separator: '__', portable: true }).map(({ name }) => name);
    expect(named.slice(0, 2)).toEqual(['my_app_cccdfa68__a_b', 'my_app_cccdfa68__a_b_2']);
    expect(named.at(-1)).toBe('my_app__a_b');
    expect(named[2]).not.toBe(named[3]);
  });

  test('are always unique, and each leads back to its own item', () => {
    const word = fc.constantFrom(
      'a',
      'b',
      'a__b',
      'b__a',
      '',
      'a_2',
      'a.2',
      'a 2',
      'é',
      'x'.repeat(64),
      'x'.repeat(66),
    );
    const anySources = fc.array(fc.tuple(word, fc.array(word, { maxLength: 4 })), { maxLength: 5 });
    fc.assert(
      fc.property(anySources, fc.constantFrom('always', 'auto', 'never'), fc.boolean(), (given, prefix, portable) => {
        const named = giveNames(
          given.map(([name, items]) => source(name, ...items)),
          { prefix, separator: '__', portable },
        );
        if (portable) for (const { name } of named) expect(name).toMatch(/^[A-Za-z0-9_-]{0,64}$/);
        expect(new Set(named.map(({ name }) => name)).size).toBe(named.length);
        for (const { ownName, item } of named) expect(item.endsWith(`/${ownName}`)).toBe(true);
      }),
    );
  });
});

test('no source takes a name from another by what it offers', () => {
  const word = fc.constantFrom(
    'a',
    'b',
    'a__b',
    'b__a',
    'a_b',
    'a.b',
    'a b',
    'c',
    'a_2',
    'x'.repeat(64),
    'x'.repeat(66),
  );
  const prefixes = fc.uniqueArray(word, { minLength: 2, maxLength: 4 });
  const offers = fc.array(fc.uniqueArray(word, { maxLength: 4 }), { minLength: 4, maxLength: 4 });
  let compared = 0;
  fc.assert(
    fc.property(prefixes, offers, offers, fc.boolean(), (all, before, after, portable) => {
      const leads = (owns: string[][]): Map<string, string> =>
        new Map(
          giveNames(
            all.map((prefix, at) => source(prefix, ...(owns[at] ?? []))),
            { prefix: 'always', separator: '__', portable },
          ).map(({ name, item }) => [name, item.slice(0, item.indexOf('/'))]),
        );
      const later = leads(after);
      for (const [name, owner] of leads(before)) {
        if (!later.has(name)) continue;
        compared++;
        expect(later.get(name)).toBe(owner);
      }
    }),
    { numRuns: 3_000 },
  );
  expect(compared).toBeGreaterThan(1_000);
});

test('twenty thousand tools whose names become one when they are made portable get names of their own', () => {
  // All of these characters become "_".
  const own = Array.from({ length: 20_000 }, (_, at) =>
    at
      .toString(4)
      .padStart(8, '0')
      .replace(/\d/g, (digit) => '.:/!'[Number(digit)] ?? ''),
  );
  const given = giveNames([source('a', ...own)], { prefix: 'always', separator: '__', portable: true });
  expect(new Set(given.map(({ name }) => name)).size).toBe(20_000);
  expect(given.slice(0, 3).map(({ name }) => name)).toEqual(['a__________', 'a___________2', 'a___________3']);
});
