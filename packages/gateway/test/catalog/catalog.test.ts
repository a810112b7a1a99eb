import { expect, test } from 'vitest';
import { Catalog, type CatalogSource } from '../../src/catalog/catalog.ts';
import { EMPTY_OFFER } from '../../src/upstream/upstream.ts';

const server = (source: string, offer: object, more: Partial<CatalogSource<string>> = {}): CatalogSource<string> => ({
  source,
  prefix: source,
  offer: { ...EMPTY_OFFER, ...offer },
  live: true,
  ...more,
});
const tools = (...names: string[]) => ({ tools: names.map((name) => ({ name, 'x-kept': name })) });
const naming = { prefix: 'always', separator: '__' } as const;

test('a name leads to its server and to what the server calls it', () => {
  const catalog = new Catalog([server('a', tools('x')), server('b', tools('x'))], naming);
  expect(catalog.tools).toEqual([
    { name: 'a__x', 'x-kept': 'x' },
    { name: 'b__x', 'x-kept': 'x' },
  ]);
  expect(catalog.tool('b__x')).toEqual({ source: 'b', ownName: 'x', item: { name: 'x', 'x-kept': 'x' } });
  expect(catalog.tool('x')).toBeUndefined();
});

test('a server that is down is not listed, but its names still lead to it', () => {
  const catalog = new Catalog([server('a', tools('x'), { live: false })], naming);
  expect(catalog.tools).toEqual([]);
  expect(catalog.tool('a__x')?.source).toBe('a');
});

test('only the tools that are served exist', () => {
  const catalog = new Catalog(
    [server('a', tools('read_file', 'read_all', 'write'), { tools: ['read_*', 'none'] })],
    naming,
  );
  expect(catalog.tools.map(({ name }) => name)).toEqual(['a__read_file', 'a__read_all']);
  expect(catalog.tool('a__write')).toBeUndefined();
});

test('a resource belongs to the first server that has it, then to the first that has a template for it', () => {
  const both = { resources: [{ uri: 'x://1' }], resourceTemplates: [{ uriTemplate: 'y://{id}' }] };
  const catalog = new Catalog(
    [server('a', { resourceTemplates: [{ uriTemplate: 'x://{id}' }] }), server('b', both), server('c', both)],
    naming,
  );
  expect(catalog.ownerOf('x://1')).toBe('b');
  expect(catalog.ownerOf('x://2')).toBe('a');
  expect(catalog.ownerOf('y://1')).toBe('b');
  expect(catalog.ownerOf('z://1')).toBeUndefined();
  expect(catalog.ownerOfTemplate('y://{id}')).toBe('b');
  expect(catalog.resources).toEqual([{ uri: 'x://1' }]);
});
