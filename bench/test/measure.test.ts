import { expect, test } from 'vitest';
import { judge, measure } from '../measure.ts';
import { formatTable } from '../report.ts';
import { quantile, summarise } from '../statistics.ts';

const QUICK = { quick: true, against: undefined };

const steady = (baseline: number, subject: number) => ({
  name: 'steady',
  unit: 'µs/call',
  aim: { ratio: 1.5, better: 'lower' as const },
  setup: async () => ({
    baseline: async () => baseline,
    subject: async () => subject,
    [Symbol.asyncDispose]: async () => undefined,
  }),
});

test('the ratio is the subject over the baseline, judged against the aim', async () => {
  const reached = await measure(steady(10, 12), QUICK, () => undefined);
  expect(reached).toMatchObject({ ratio: { median: 1.2 }, verdict: 'met', pairs: 5 });
  const missed = await measure(steady(10, 16), QUICK, () => undefined);
  expect(missed).toMatchObject({ ratio: { median: 1.6 }, verdict: 'missed' });
});

test('the halves of a pair alternate, and which goes first alternates too', async () => {
  const order: string[] = [];
  await measure(
    {
      name: 'order',
      unit: 'ms',
      setup: async () => ({
        baseline: async () => order.push('b'),
        subject: async () => order.push('s'),
        [Symbol.asyncDispose]: async () => undefined,
      }),
    },
    QUICK,
    () => undefined,
  );
  expect(order.join('')).toBe(`bs${'bssb'.repeat(2)}bs`);
});

test('a spread that makes the ratio meaningless is said, whatever the median', () => {
  expect(judge({ median: 1, low: 0.5, high: 1.5 }, { ratio: 2, better: 'lower' })).toBe('too noisy');
  expect(judge({ median: Number.NaN, low: 1, high: 1 }, undefined)).toBe('too noisy');
  expect(judge({ median: 3, low: 2.9, high: 3.1 }, { ratio: 2, better: 'higher' })).toBe('met');
});

test('quartiles are interpolated, and nothing to summarise is a mistake', () => {
  expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25 });
  expect(() => quantile([], 0.5)).toThrow(TypeError);
});

test('the table names the aim, the spread and the verdict', async () => {
  const table = formatTable([await measure(steady(10, 12), QUICK, () => undefined)]);
  expect(table).toContain('steady  10.0 (10.0–10.0) µs/call  12.0 (12.0–12.0) µs/call  1.20×  1.20–1.20  ≤ 1.5×  met');
});
