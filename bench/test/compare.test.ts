import { expect, test } from 'vitest';
import { compare } from '../compare.ts';
import type { Comparison, Contest } from '../figure.ts';

const QUICK = { quick: true, against: undefined };

/** A comparison whose runs note their turn and give the next of their numbers. */
function comparisonOf(runs: Readonly<Record<string, readonly number[]>>): { order: string[]; figure: Comparison } {
  const order: string[] = [];
  const run = (name: string) => {
    let turn = 0;
    return async () => {
      order.push(name);
      return { speed: runs[name]?.[turn++] ?? 0, unknown: Number.NaN };
    };
  };
  const contest: Contest = {
    subject: run('s'),
    references: Object.fromEntries(Object.keys(runs).flatMap((name) => (name === 's' ? [] : [[name, run(name)]]))),
    [Symbol.asyncDispose]: async () => void order.push('disposed'),
  };
  const measures = [
    { key: 'speed', title: 'speed', unit: 'm/s' },
    { key: 'unknown', title: 'what the system does not say', unit: 'µs' },
  ];
  return { order, figure: { name: 'race', measures, setup: async () => contest } };
}

test('all take turns, who goes first moves on, and the first round is thrown away', async () => {
  const { order, figure } = comparisonOf({ s: [], a: [], b: [] });
  await compare(figure, QUICK, () => undefined);
  expect(order.join('')).toBe('sab' + 'sab' + 'abs' + 'bsa' + 'disposed');
});

test('each reference has a row, with the ratio taken within the rounds; a number nobody knows has none', async () => {
  const { figure } = comparisonOf({ s: [9, 10, 20, 40], a: [9, 5, 10, 20], b: [9, 40, 20, 10] });
  const rows = await compare(figure, QUICK, () => undefined);
  expect(rows.map(({ name }) => name)).toEqual(['race: speed, against a', 'race: speed, against b']);
  expect(rows[0]).toMatchObject({ pairs: 3, subject: { median: 20 }, baseline: { median: 10 }, ratio: { median: 2 } });
  expect(rows[1]).toMatchObject({ ratio: { low: 0.625, median: 1, high: 2.5 }, verdict: 'too noisy' });
});

test('a contest is disposed of when a run fails', async () => {
  const { order, figure } = comparisonOf({ s: [], a: [] });
  const contest = await figure.setup(QUICK);
  const failing = { ...contest, subject: () => Promise.reject(new Error('wrong answer')) };
  await expect(compare({ ...figure, setup: async () => failing }, QUICK, () => undefined)).rejects.toThrow(
    'wrong answer',
  );
  expect(order).toEqual(['disposed']);
});
