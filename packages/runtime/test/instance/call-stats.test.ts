import { expect, test } from 'vitest';
import { CallStats } from '../../src/instance/call-stats.ts';

test('percentiles are of the calls that were, and 0 before the first', () => {
  const stats = new CallStats();
  expect(stats.percentilesMs(0.5, 0.99)).toEqual([0, 0]);
  for (const duration of [5, 1, 4, 2, 3]) stats.ended(duration);
  expect(stats.percentilesMs(0.2, 0.5, 1)).toEqual([1, 3, 5]);
  expect(stats).toMatchObject({ calls: 5, busyMs: 15 });
});

test('only recent calls count for percentiles', () => {
  const stats = new CallStats();
  for (let call = 0; call < 1_000; call += 1) stats.ended(1_000);
  for (let call = 0; call < 1_024; call += 1) stats.ended(1);
  expect(stats.percentilesMs(0.99)).toEqual([1]);
});
