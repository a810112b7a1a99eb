import type { Labels, ResponseLabelling } from '@lockgate/abi';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plain } from '../../src/monitor/decision.ts';
import { toLabel } from '../../src/monitor/label.ts';
import type { McpResult } from '../../src/monitor/payload.ts';
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

  test('of what is withheld for another reason no tag counts as given', () => {
    const demanding = toLabel({ secrecy: ['private', 'other'], integrity: ['i'] });
    const labelling = paths(
      { '/items/0': SECRET, '/items/1': { secrecy: ['other'], integrity: ['i'] } },
      { itemsPath: '/items' },
    );
    expect(filterResponse(answer, labelling, toLabel({ secrecy: [], integrity: ['i'] }), demanding).given).toEqual([
      'other',
    ]);
  });

  test('the label of what is given is that of the parts that are, taken together, and of no other', () => {
    const reader = toLabel({ secrecy: ['a', 'b'], integrity: ['i'] });
    const three = json({ items: [{ id: 1 }, { id: 2 }, { id: 3 }] });
    const labelling = paths(
      {
        '/items/0': { secrecy: ['a'], integrity: ['i', 'j'] },
        '/items/1': { secrecy: ['b'], integrity: ['i'] },
        '/items/2': SECRET,
      },
      { itemsPath: '/items' },
    );
    const { givenLabel } = filterResponse(three, labelling, toLabel({ secrecy: [], integrity: ['i', 'j'] }), reader);
    expect([[...(givenLabel?.secrecy ?? [])].sort(), [...(givenLabel?.integrity ?? [])]]).toEqual([['a', 'b'], ['i']]);
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
      open,
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

  const shown = { items: [{ id: 1 }, { id: 'MARKED' }] };
  const inWords = (text: string) => [{ type: 'text', text }];
  test.each<[string, object[]]>([
    ['items in another order', inWords(JSON.stringify({ items: [...shown.items].reverse() }))],
    ['one key more', inWords(JSON.stringify({ ...shown, count: 2 }))],
    ['a byte order mark', inWords(`\uFEFF${JSON.stringify(shown)}`)],
    ['a code fence', inWords(`\`\`\`json\n${JSON.stringify(shown)}\n\`\`\``)],
    ['prose', inWords('Found 1 and MARKED.')],
    ['a block for each item', shown.items.flatMap((item) => inWords(JSON.stringify(item)))],
    ['the list alone', inWords(JSON.stringify(shown.items))],
    ['a resource', [{ type: 'resource', resource: { uri: 'a:b', text: JSON.stringify(shown) } }]],
  ])('content that repeats the data as %s is no copy, and carries the labels of every part', (_, content) => {
    const answer = { content, structuredContent: shown };
    const labels = { '/items/0': { secrecy: [], integrity: ['i'] }, '/items/1': { ...SECRET, integrity: ['i', 'j'] } };
    const labelling = paths(labels, { itemsPath: '/items' });
    const resource = toLabel({ secrecy: [], integrity: ['i', 'j'] });
    const cut = filterResponse(answer, labelling, resource, open);
    expect(cut.result).toEqual({ content: [], structuredContent: { items: [{ id: 1 }] } });
    const trusting = toLabel({ secrecy: ['private'], integrity: ['j'] });
    expect(filterResponse(answer, labelling, resource, trusting).result).toMatchObject({ content: [] });
    expect(filterResponse(answer, labelling, resource, secret).result).toBe(answer);
    const older: ResponseLabelling = {
      kind: 'items',
      items: shown.items.map((data, index) => ({ data, labels: index === 0 ? PUBLIC : SECRET })),
    };
    expect(filterResponse(answer, older, open, open).result).toMatchObject({ content: [] });
  });

  const around = { _meta: { a: 1 }, extra: 2 };
  const marked = { content: [{ ...json([1, 2]).content[0], _meta: { b: 3 }, annotations: {} }], isError: false };
  test.each<[string, object, object]>([
    ['_meta and members that no answer has', { ...json([1, 2]), ...around }, json([2])],
    ['what stands in a block beside its text', marked, { ...json([2]), isError: false }],
    ['an isError that is data', { ...json([1, 2]), isError: 'MARKED' }, json([2])],
    ['keys around a wrapped text', { ...json([1, 2]), structuredContent: { MARKED: '[1,2]' } }, json([2])],
    ['a kind of answer that nobody knows', { ...json([1, 2]), resultType: 'MARKED' }, json([2])],
  ])(
    '%s: the rest of an answer carries the resource’s labels, whatever the guard says of its parts',
    (_, answer, left) => {
      const labelling = paths({ '/0': SECRET, '/1': PUBLIC }, { itemsPath: '', defaultLabels: PUBLIC });
      const cut = filterResponse(answer as McpResult, labelling, secret, open);
      expect(cut).toMatchObject({ withheld: 2, total: 3 });
      expect(cut.result).toEqual(left);
      expect(filterResponse(answer as McpResult, labelling, open, open)).toMatchObject({ withheld: 1, total: 3 });
      const clean = paths({ '/0': PUBLIC, '/1': PUBLIC });
      const { all, withheld } = filterResponse(answer as McpResult, clean, secret, open);
      expect([withheld, all && plain(all)]).toEqual([1, plain(secret)]);
    },
  );

  test('text that differs from structured content carries the resource’s labels beside the guard’s default', () => {
    const differing = { content: [{ type: 'text', text: 'MARKED' }], structuredContent: { items: [1] } };
    const labelling = paths({ '/items/0': PUBLIC }, { itemsPath: '/items', defaultLabels: PUBLIC });
    const { result } = filterResponse(differing, labelling, secret, open);
    expect(result).toEqual({ content: [], structuredContent: { items: [1] } });
  });

  test.each([
    ['labelled by path', paths({ '': PUBLIC })],
    ['labelled by items', { kind: 'items', items: [{ data: { a: 1 }, labels: PUBLIC }] } as const],
  ])('a text in which a key comes twice cannot be %s', (_, labelling) => {
    const twice = { content: [{ type: 'text', text: '{"a":"MARKED","a":1}' }] };
    expect(() => filterResponse(twice, labelling, open, open)).toThrow('a key comes twice');
    const inList = { content: [{ type: 'text', text: '[{"a":"MARKED","a":1}]' }] };
    expect(() => filterResponse(inList, labelling, open, open)).toThrow('a key comes twice');
    const beside = { ...twice, structuredContent: { a: 1 } };
    expect(filterResponse(beside, labelling, secret, open).violation?.secrecy).toEqual(['private']);
  });

  test('what surrounds a named collection is the rest, but for counts and cursors', () => {
    const mixed = json({ total: 2, list: { items: [1, 2], next: 'c' }, private: 'MARKED', count: 'MARKED' });
    const labelling = paths({ '/list/items/0': PUBLIC, '/list/items/1': SECRET }, { itemsPath: '/list/items' });
    const { result, withheld, total } = filterResponse(mixed, labelling, secret, open);
    expect([withheld, total]).toEqual([2, 3]);
    expect(JSON.parse(textOf(result))).toEqual({ total: 2, list: { items: [1], next: 'c' } });
    const nested = json([{ items: [1] }, 'MARKED']);
    const inList = paths({ '/0/items/0': PUBLIC }, { itemsPath: '/0/items' });
    expect(filterResponse(nested, inList, secret, open).result).toBeUndefined();
  });

  test('an answer of which nothing is left is none: an empty list would read as nothing there', () => {
    for (const answer of [json([1]), json('one line')]) {
      const { result, withheld } = filterResponse(answer, paths({ '/0': SECRET }), secret, open);
      expect([result, withheld]).toEqual([undefined, 1]);
    }
  });

  test('parts of a resource’s contents are cut like any list, and what stands beside them is the rest', () => {
    const labelled = paths({ '/contents/0': PUBLIC }, { itemsPath: '/contents' });
    const surrounded = { contents: [1], _meta: { MARKED: 1 }, extra: 'MARKED', resultType: 'complete' };
    const cut = filterResponse(surrounded, labelled, secret, open);
    expect([cut.withheld, cut.result]).toEqual([1, { contents: [1], resultType: 'complete' }]);
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

  test('what is around the list carries the resource’s labels: without it the items are given alone', () => {
    const answer = json({ items: ['pub'], private: ['MARKED'] });
    const { result, withheld, total } = filterResponse(answer, items(['pub', PUBLIC]), secret, open);
    expect([JSON.parse(textOf(result)), withheld, total]).toEqual([['pub'], 1, 2]);
    const { all } = filterResponse(answer, items(['pub', PUBLIC]), secret, secret);
    expect(all && plain(all)).toEqual(plain(secret));
  });

  test('an answer that is one object is withheld whole, not as an empty list', () => {
    for (const resource of [open, secret]) {
      const { result, withheld } = filterResponse(json({ a: 1 }), items([{ a: 1 }, SECRET]), resource, open);
      expect([result, withheld > 0]).toEqual([undefined, true]);
    }
    expect(filterResponse(json({ a: 1 }), items(), secret, open).result).toBeUndefined();
  });

  test('an item that is all of the payload speaks for it, as it came', () => {
    const object = json({ a: { b: 1 } });
    const { result, withheld, total } = filterResponse(object, items([{ a: { b: 1 } }, PUBLIC]), secret, open);
    expect([result, withheld, total]).toEqual([object, 0, 1]);
    const more = { ...object, _meta: { MARKED: 1 } };
    expect(filterResponse(more, items([{ a: { b: 1 } }, PUBLIC]), secret, open).result).toEqual(object);
    expect(filterResponse(object, items([{ a: { b: 1 } }]), secret, open).result).toBeUndefined();
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
