import { expect, test } from 'vitest';
import { installedTools } from './installed-tools.ts';
import { recallOf, recallTable, searchesOver } from './recall.ts';
import { writtenQueries, writtenTools } from './tool-corpus.ts';

const tools = [...writtenTools(), ...(await installedTools())];
const tuned = writtenQueries('queries-tuned.txt');
const heldOut = writtenQueries('queries-held-out.txt');

test('every tool that a query expects is there', () => {
  const known = new Set(tools.map(({ server, item }) => `${server}/${item.text('name')}`));
  expect([...tuned, ...heldOut].flatMap(({ expected }) => expected.filter((tool) => !known.has(tool)))).toEqual([]);
});

test('nine of ten queries that nothing was tuned on find their tool among the first five', () => {
  console.log(recallTable(tools, { tuned, 'held out': heldOut }));
  const { ours, bm25, substrings } = searchesOver(tools);
  const found = recallOf(ours, heldOut).share;
  expect(found).toBeGreaterThanOrEqual(0.9);
  expect(found).toBeGreaterThan(recallOf(bm25, heldOut).share);
  expect(found).toBeGreaterThan(recallOf(substrings, heldOut).share);
});
