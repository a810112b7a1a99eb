import { expect, test } from 'vitest';
import { RecentGateways } from '../../src/replicas/recent-gateways.ts';

test('of gateways that come and go, those are kept that were heard of last', () => {
  const recent = new RecentGateways<number>();
  for (let start = 0; start < 5_000; start += 1) {
    recent.set(`gateway ${start}`, start);
    expect(recent.get('gateway 0')).toBe(0);
  }
  const kept = Array.from({ length: 5_000 }, (_, start) => recent.get(`gateway ${start}`)).filter(
    (start) => start !== undefined,
  );
  expect(kept).toEqual([0, ...Array.from({ length: 999 }, (_, index) => 4_001 + index)]);
});
