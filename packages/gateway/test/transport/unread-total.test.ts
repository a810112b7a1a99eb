import { expect, test } from 'vitest';
import { UnreadTotal } from '../../src/transport/unread-total.ts';

/** A client of this name, of which it is noted when it is given up. */
const client = (name: string, given: string[]) => ({ giveUp: () => void given.push(name) });

test('above the total whoever has read nothing for longest is given up, as many as it takes, and the others go on', () => {
  const given: string[] = [];
  const total = new UnreadTotal(100);
  const [a, b, c, d] = [client('a', given), client('b', given), client('c', given), client('d', given)];
  total.add(a, 40);
  total.add(b, 30);
  total.add(c, 30);
  expect(given).toEqual([]);
  total.read(a, 35);
  total.add(d, 6);
  expect([given, total.byteLength]).toEqual([['b'], 71]);
  // What is given up is counted no more, whatever is said of it.
  total.read(b, 10);
  total.remove(b);
  total.add(d, 64);
  expect([given, total.byteLength]).toEqual([['b', 'c', 'a'], 70]);
  total.remove(d);
  expect(total.byteLength).toBe(0);
});

test('one that is more than all may be is given up itself', () => {
  const given: string[] = [];
  const total = new UnreadTotal(100);
  total.add(client('a', given), 101);
  expect([given, total.byteLength]).toEqual([['a'], 0]);
});
