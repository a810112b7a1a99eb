import { expect, test } from 'vitest';
import type { Mode } from '../../src/monitor/rule.ts';
import { strictest } from '../../src/monitor/strictest.ts';

test.each<[readonly (Mode | undefined)[], Mode | undefined]>([
  [['propagate', 'filter'], 'filter'],
  [['strict', 'propagate'], 'strict'],
  [['filter', undefined, 'strict'], 'strict'],
  [['propagate', undefined], 'propagate'],
  [[undefined], undefined],
  [[], undefined],
])('the strictest of %j is %s', (modes, expected) => {
  expect(strictest(modes)).toBe(expected);
});
