import { expect, test } from 'vitest';
import { page } from '../../src/catalog/page.ts';

const items = Array.from({ length: 2_500 }, (_, i) => ({ name: `t${i}` }));

test('pages follow each other until all has been given once', () => {
  const seen: unknown[] = [];
  let cursor: unknown;
  let pages = 0;
  do {
    const { tools, nextCursor } = page('tools', items, cursor) as { tools: unknown[]; nextCursor?: string };
    seen.push(...tools);
    cursor = nextCursor;
    pages++;
  } while (cursor !== undefined);
  expect(pages).toBe(3);
  expect(seen).toEqual(items);
});

test('a list that fits is given as it is, without a cursor', () => {
  const few = items.slice(0, 1_000);
  expect(page('tools', few, undefined)).toEqual({ tools: few });
});

test.each(['nonsense', 7, null, '', 'LTE', {}])('the cursor %j is refused', (cursor) => {
  expect(() => page('tools', items, cursor)).toThrow('Invalid cursor');
});
