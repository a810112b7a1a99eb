import { expect, test } from 'vitest';
import { Catalog, type CatalogSource } from '../../src/catalog/catalog.ts';
import { EMPTY_OFFER, type ListName } from '../../src/catalog/offer.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';

type Lists = Partial<Record<ListName, Record<string, unknown>[]>>;

const texts = (lists: Lists) =>
  Object.fromEntries(Object.entries(lists).map(([list, items]) => [list, items.map((item) => ObjectText.from(item))]));
const server = (source: string, offer: Lists, more: Partial<CatalogSource<string>> = {}): CatalogSource<string> => ({
  source,
  prefix: source,
  offer: { ...EMPTY_OFFER, ...texts(offer) },
  live: true,
  allows: () => true,
  ...more,
});
const tools = (...names: string[]) => ({ tools: names.map((name) => ({ name, 'x-kept': name })) });
const listed = (catalog: Catalog<string>, list: ListName) => catalog.list(list).map((item) => item.toValue());
const naming = { prefix: 'always', separator: '__' } as const;

test('a name leads to its server and to what the server calls it', () => {
  const catalog = new Catalog([server('a', tools('x')), server('b', tools('x'))], naming);
  expect(listed(catalog, 'tools')).toEqual([
    { name: 'a__x', 'x-kept': 'x' },
    { name: 'b__x', 'x-kept': 'x' },
  ]);
  expect(catalog.tool('b__x')).toMatchObject({ source: 'b', ownName: 'x', isRenamed: true });
  expect(catalog.tool('b__x')?.item.toValue()).toEqual({ name: 'x', 'x-kept': 'x' });
  expect(catalog.tool('x')).toBeUndefined();
});

test('a server that is down is not listed, but its names still lead to it', () => {
  const catalog = new Catalog([server('a', tools('x'), { live: false })], naming);
  expect(listed(catalog, 'tools')).toEqual([]);
  expect(catalog.tool('a__x')?.source).toBe('a');
});

test('only the tools that may be used exist', () => {
  const allows = (kind: string, name: string): boolean => kind === 'tool' && name.startsWith('read_');
  const catalog = new Catalog([server('a', tools('read_file', 'read_all', 'write'), { allows })], naming);
  expect(listed(catalog, 'tools').map(({ name }) => name)).toEqual(['a__read_file', 'a__read_all']);
  expect(catalog.tool('a__write')).toBeUndefined();
});

test('a template that fits everything makes nobody the owner among several servers, and of several the one that says most does', () => {
  const greedy = server('greedy', { resourceTemplates: [{ uriTemplate: '{+any}' }, { uriTemplate: 'x://{+any}' }] });
  const owner = server('owner', { resourceTemplates: [{ uriTemplate: 'x://notes/{id}' }] });
  const catalog = new Catalog([greedy, owner], naming);
  expect(catalog.ownerOf('x://notes/1')).toBe('owner');
  expect(catalog.ownerOf('x://other')).toBe('greedy');
  expect(catalog.ownerOf('y://1')).toBeUndefined();
  expect(new Catalog([greedy], naming).ownerOf('y://1')).toBe('greedy');
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
  expect(listed(catalog, 'resources')).toEqual([{ uri: 'x://1' }]);
  expect(listed(catalog, 'resourceTemplates')).toEqual([{ uriTemplate: 'x://{id}' }, { uriTemplate: 'y://{id}' }]);
});
