import { expect, test } from 'vitest';
import { page, pageStart } from '../../src/catalog/page.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';

const values = Array.from({ length: 2_500 }, (_, i) => ({ name: `t${i}` }));
const items = values.map((value) => ObjectText.from(value));
const pageAt = (list: readonly ObjectText[], params: ObjectText | undefined) =>
  page('tools', list, pageStart(params), ObjectText.EMPTY).toValue() as { tools: unknown[]; nextCursor?: string };

test('pages follow each other until all has been given once', () => {
  const seen: unknown[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const { tools, nextCursor } = pageAt(items, cursor === undefined ? undefined : ObjectText.from({ cursor }));
    seen.push(...tools);
    cursor = nextCursor;
    pages++;
  } while (cursor !== undefined);
  expect(pages).toBe(3);
  expect(seen).toEqual(values);
});

test('a list that fits is given as it is, without a cursor', () => {
  expect(pageAt(items.slice(0, 1_000), undefined)).toEqual({ tools: values.slice(0, 1_000) });
});

test.each([
  ['{"ttlMs":1e3}', (items: string) => `{"ttlMs":1e3,"tools":${items}}`],
  ['{"a":1,"tools":[],"ttlMs":1e3}', (items: string) => `{"a":1,"tools":${items},"ttlMs":1e3}`],
])('items and what stands beside them keep their bytes and their order: %s', (beside, expected) => {
  const item = '{ "name":"a", "n": 1.0, "\\u0061":9007199254740993 }';
  const written = page('tools', [ObjectText.read(Buffer.from(item))], 0, ObjectText.read(Buffer.from(beside)))
    .toBytes()
    .toString();
  expect(written).toBe(expected(`[${item}]`));
});

test.each(['nonsense', 7, null, '', 'LTE', {}])('the cursor %j is refused', (cursor) => {
  expect(() => pageAt(items, ObjectText.from({ cursor }))).toThrow('Invalid cursor');
});
