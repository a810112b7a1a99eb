import type { Labels, ResponseLabelling } from '@lockgate/abi';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plain } from '../../src/monitor/decision.ts';
import { toLabel } from '../../src/monitor/label.ts';
import { filterResponse } from '../../src/monitor/response-filter.ts';

const PUBLIC: Labels = { secrecy: [], integrity: [] };
const SECRET: Labels = { secrecy: ['private'], integrity: [] };
const open = toLabel(PUBLIC);
const secret = toLabel(SECRET);
const json = (value: unknown, space?: number) => ({
  content: [{ type: 'text', text: JSON.stringify(value, null, space) }],
});
const paths = (labelled: Record<string, Labels>, more: object = {}): ResponseLabelling => ({
  kind: 'paths',
  labeledPaths: Object.entries(labelled).map(([path, labels]) => ({ path, labels })),
  ...more,
});
const textOf = (result: unknown): string => (result as { content: { text: string }[] }).content[0]?.text ?? '';

describe('labels by path', () => {
  const answer = json({ total: 2, items: [{ id: 1 }, { id: 2 }], next: 'cursor' });

  test('a filtered list keeps its envelope, its cursor and its counts', () => {
    const labelling = paths({ '/items/0': SECRET, '/items/1': PUBLIC }, { itemsPath: '/items' });
    const { result, withheld, total } = filterResponse(answer, labelling, secret, open);
    expect(JSON.parse(textOf(result))).toEqual({ total: 2, items: [{ id: 2 }], next: 'cursor' });
    expect([withheld, total]).toEqual([1, 2]);
  });

  test('an item that no path labels and no default covers inherits the resource’s labels', () => {
    const labelling = paths({ '/items/1': PUBLIC }, { itemsPath: '/items' });
    const { result } = filterResponse(answer, labelling, secret, open);
    expect(JSON.parse(textOf(result)).items).toEqual([{ id: 2 }]);
  });

  test('the guard’s default covers items without a path', () => {
    const labelling = paths({ '/items/1': SECRET }, { itemsPath: '/items', defaultLabels: PUBLIC });
    const { result } = filterResponse(answer, labelling, secret, open);
    expect(JSON.parse(textOf(result)).items).toEqual([{ id: 1 }]);
  });

  test('a label inside an item does not label the item', () => {
    const labelling = paths({ '/items/0/id': PUBLIC, '/items/1': PUBLIC }, { itemsPath: '/items' });
    const { result } = filterResponse(answer, labelling, secret, open);
    expect(JSON.parse(textOf(result)).items).toEqual([{ id: 2 }]);
  });

  test('a property that violates is left out and the item stays', () => {
    const labelling = paths({ '/items/0/id': SECRET }, { itemsPath: '/items', defaultLabels: PUBLIC });
    const { result } = filterResponse(answer, labelling, secret, open);
    expect(JSON.parse(textOf(result)).items).toEqual([{}, { id: 2 }]);
  });

  test('the collection is found from the paths where the guard names none, and what surrounds it is labelled too', () => {
    const given = (more: object) => filterResponse(answer, paths({ '/items/0': PUBLIC }, more), secret, open).result;
    expect(given({})).toBeUndefined();
    expect(JSON.parse(textOf(given({ itemsPath: '/items' }))).items).toEqual([{ id: 1 }]);
    const list = filterResponse(json(['a', 'b']), paths({ '/1': PUBLIC }), secret, open).result;
    expect(JSON.parse(textOf(list))).toEqual(['b']);
  });

  test('without a collection the rest of the answer carries the resource’s labels and is withheld with it', () => {
    const { result, violation } = filterResponse(answer, paths({ '/next': PUBLIC, '/total': PUBLIC }), secret, open);
    expect(result).toBeUndefined();
    expect(violation?.secrecy).toEqual(['private']);
  });

  test('a label on the whole answer speaks for all of it', () => {
    expect(filterResponse(answer, paths({ '': SECRET }), open, open).result).toBeUndefined();
    expect(filterResponse(answer, paths({ '': PUBLIC }), secret, open).result).toEqual(answer);
  });

  test.each([
    ['an element that is not there', paths({ '/items/7': PUBLIC, '/items/1': PUBLIC }, { itemsPath: '/items' })],
    ['a property that is not there', paths({ '/Next': SECRET }, { defaultLabels: PUBLIC })],
    ['a length of an array', paths({ '/items/length': PUBLIC })],
    ['a path that is no pointer', paths({ 'items/0': PUBLIC })],
    ['items that are no array', paths({}, { itemsPath: '/total' })],
  ])('%s is a fault of the guard', (_, labelling) => {
    expect(() => filterResponse(answer, labelling, open, open)).toThrow(TypeError);
  });

  test('a label on an answer without a payload is a fault of the guard, whatever its default is', () => {
    const blocks = { content: [...json('a').content, ...json('b').content] };
    const labelling = paths({ '': SECRET }, { defaultLabels: PUBLIC });
    expect(() => filterResponse(blocks, labelling, open, open)).toThrow('labeled_paths[0] leads nowhere');
  });

  test('several labels of one place add up', () => {
    const labelling: ResponseLabelling = {
      kind: 'paths',
      labeledPaths: [
        { path: '/items/0', labels: PUBLIC },
        { path: '/items/0', labels: SECRET },
        { path: '/items/1', labels: PUBLIC },
      ],
    };
    expect(JSON.parse(textOf(filterResponse(answer, labelling, open, open).result)).items).toEqual([{ id: 2 }]);
  });

  test('structured content and its text copy are filtered alike, and the text keeps its line breaks', () => {
    const value = { items: ['a', 'b'] };
    const both = { ...json(value, 2), structuredContent: value, _meta: { id: 7 } };
    const { result } = filterResponse(
      both,
      paths({ '/items/0': SECRET, '/items/1': PUBLIC }, { itemsPath: '/items' }),
      secret,
      open,
    );
    expect(result).toEqual({ ...json({ items: ['b'] }, 2), structuredContent: { items: ['b'] }, _meta: { id: 7 } });
  });

  test('content outside the payload carries the resource’s labels', () => {
    const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
    const mixed = { content: [...json([1, 2]).content, image] };
    const labelling = paths({ '/0': PUBLIC, '/1': PUBLIC });
    expect(filterResponse(mixed, labelling, secret, open).result).toEqual(json([1, 2]));
    expect(filterResponse(mixed, labelling, open, open).result).toEqual(mixed);
  });

  test('parts of a resource’s contents are cut like any list', () => {
    const resource = {
      contents: [
        { uri: 'file:///a', text: 'a' },
        { uri: 'file:///b', text: 'b' },
      ],
    };
    const labelling = paths({ '/contents/0': SECRET, '/contents/1': PUBLIC }, { itemsPath: '/contents' });
    expect(filterResponse(resource, labelling, secret, open).result).toEqual({ contents: [resource.contents[1]] });
  });
});

describe('labels by repeated items', () => {
  const items = (...given: [unknown, Labels?][]): ResponseLabelling => ({
    kind: 'items',
    items: given.map(([data, labels]) => ({ data, ...(labels && { labels }) })),
  });

  test('items that are the answer’s own list are cut out of it', () => {
    const labelling = items([1, SECRET], [2, PUBLIC]);
    expect(
      JSON.parse(textOf(filterResponse(json({ count: 2, list: [1, 2] }), labelling, secret, open).result)),
    ).toEqual({ count: 2, list: [2] });
  });

  test('an item without labels inherits the resource’s', () => {
    expect(JSON.parse(textOf(filterResponse(json([1, 2]), items([1], [2, PUBLIC]), secret, open).result))).toEqual([2]);
  });

  test('lines of a text are a list, and a copy of the text in structured content is cut alike', () => {
    const listing = {
      content: [{ type: 'text', text: '[FILE] a\n[DIR] private' }],
      structuredContent: { content: '[FILE] a\n[DIR] private' },
    };
    const labelling = items(['[FILE] a', PUBLIC], ['[DIR] private', SECRET]);
    expect(filterResponse(listing, labelling, secret, open).result).toEqual({
      content: [{ type: 'text', text: '[FILE] a' }],
      structuredContent: { content: '[FILE] a' },
    });
  });

  test('items that are no list of the answer are given alone, without the unlabelled rest', () => {
    const answer = json({ a: 1, b: 2, hidden: 3 });
    const { result } = filterResponse(answer, items([1, PUBLIC], [2, SECRET]), secret, open);
    expect(JSON.parse(textOf(result))).toEqual([1]);
    expect(filterResponse(answer, items([1, PUBLIC]), open, open).result).toBe(answer);
  });
});

test('without finer labels the resource’s labels speak for the whole answer', () => {
  const answer = json({ any: 'thing' });
  expect(filterResponse(answer, { kind: 'none' }, secret, open).result).toBeUndefined();
  expect(filterResponse(answer, { kind: 'none' }, secret, secret).result).toBe(answer);
});

test('the label of the whole answer joins its parts: integrity is shared by all, not by any', () => {
  const labelling = paths({ '/0': { secrecy: ['x'], integrity: ['i', 'j'] }, '/1': { secrecy: [], integrity: ['j'] } });
  const { all } = filterResponse(json([1, 2]), labelling, open, open);
  expect(all && plain(all)).toEqual({ secrecy: ['x'], integrity: ['j'] });
});

test('filtering is idempotent: what was given once is given whole the second time', () => {
  const tag = fc.constantFrom('a', 'b', 'c');
  const labels = fc.record({ secrecy: fc.uniqueArray(tag), integrity: fc.uniqueArray(tag) });
  fc.assert(
    fc.property(labels, fc.array(labels, { maxLength: 6 }), labels, (agentLabels, itemLabels, resourceLabels) => {
      const agent = toLabel(agentLabels);
      const label = (list: readonly Labels[]): ResponseLabelling => ({
        kind: 'paths',
        itemsPath: '/items',
        labeledPaths: list.map((own, index) => ({ path: `/items/${index}`, labels: own })),
      });
      const once = filterResponse(json({ items: itemLabels }), label(itemLabels), toLabel(resourceLabels), agent);
      const kept = JSON.parse(textOf(once.result)).items as Labels[];
      const twice = filterResponse(json({ items: kept }), label(kept), toLabel(resourceLabels), agent);
      expect(twice.withheld).toBe(0);
      expect(kept.length).toBe(itemLabels.length - once.withheld);
    }),
  );
});
