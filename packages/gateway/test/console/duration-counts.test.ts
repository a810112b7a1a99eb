import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DurationCounts } from '../../src/console/duration-counts.ts';

test('a share of durations is told at most an eighth too high and never too low', () => {
  const durations = fc.array(fc.double({ min: 0, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.99), (given, share) => {
      const counts = new DurationCounts();
      for (const duration of given) counts.add(duration);
      const sorted = given.toSorted((one, other) => one - other);
      const exact = sorted[Math.ceil(given.length * share) - 1] as number;
      const told = counts.quantile(share) as number;
      return told >= exact && told <= exact * 1.125 + 0.001;
    }),
  );
});

test('without durations there is no share of them', () => {
  const counts = new DurationCounts();
  expect(counts.quantile(0.5)).toBeNull();
  counts.add(1);
  counts.clear();
  expect(counts.quantile(0.5)).toBeNull();
});
