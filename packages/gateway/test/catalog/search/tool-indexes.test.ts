import { expect, test } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.ts';
import { EMPTY_OFFER } from '../../../src/catalog/offer.ts';
import type { ToolIndex } from '../../../src/catalog/search/tool-index.ts';
import { ToolIndexes } from '../../../src/catalog/search/tool-indexes.ts';
import { ObjectText } from '../../../src/protocol/frame/object-text.ts';

function catalogOf(servers: Readonly<Record<string, readonly string[]>>): Catalog<{ readonly name: string }> {
  const sources = Object.entries(servers).map(([name, tools]) => ({
    source: { name },
    prefix: name,
    offer: { ...EMPTY_OFFER, tools: tools.map((tool) => ObjectText.from({ name: tool, inputSchema: {} })) },
    live: true,
    allows: () => true,
  }));
  return new Catalog(sources, { prefix: 'always', separator: '__' });
}

const namesIn = (index: ToolIndex): readonly string[] => index.tools().map(({ name }) => name);

test('a catalogue is read once, whoever of those that share it asks', async () => {
  const indexes = new ToolIndexes();
  const catalog = catalogOf({ a: ['one'] });
  const ofAnn = await indexes.use(catalog, 'ann', (index) => index);
  expect(await indexes.use(catalog, 'bob', (index) => index)).toBe(ofAnn);
});

test('the index of a viewer follows its catalogue, and another viewer has another', async () => {
  const indexes = new ToolIndexes();
  const before = await indexes.use(catalogOf({ a: ['one'], b: ['two'] }), 'ann', (index) => index);
  const after = await indexes.use(catalogOf({ a: ['one', 'three'] }), 'ann', (index) => [index, namesIn(index)]);
  expect(after).toEqual([before, ['a__one', 'a__three']]);
  expect(await indexes.use(catalogOf({ b: ['two'] }), 'bob', namesIn)).toEqual(['b__two']);
});

test('who shares an index with a viewer whose catalogue changes sees nothing of the change', async () => {
  const indexes = new ToolIndexes();
  const shared = catalogOf({ a: ['one'] });
  const large = catalogOf({ a: ['one'], b: Array.from({ length: 500 }, (_, at) => `secret_${at}`) });
  await indexes.use(shared, 'ann', namesIn);
  const seen = await Promise.all([
    indexes.use(shared, 'bob', namesIn),
    indexes.use(large, 'ann', namesIn),
    indexes.use(shared, 'bob', namesIn),
    indexes.use(large, 'ann', namesIn),
  ]);
  expect(seen.map(({ length }) => length)).toEqual([1, 501, 1, 501]);
  expect(seen[2]).toEqual(['a__one']);
});

test('a large catalogue is read while other work goes on', async () => {
  const large = catalogOf({ a: Array.from({ length: 500 }, (_, at) => `tool_${at}`) });
  let turns = 0;
  const other = setInterval(() => turns++, 0);
  await new ToolIndexes().use(large, 'ann', () => clearInterval(other));
  expect(turns).toBeGreaterThan(1);
});

test('the tools of a server that is down are not found', async () => {
  const offer = { ...EMPTY_OFFER, tools: [ObjectText.from({ name: 'one', inputSchema: {} })] };
  const down = new Catalog([{ source: { name: 'a' }, prefix: 'a', offer, live: false, allows: () => true }], {
    prefix: 'always',
    separator: '__',
  });
  expect(await new ToolIndexes().use(down, 'ann', namesIn)).toEqual([]);
});
