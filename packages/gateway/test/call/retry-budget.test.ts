import { expect, test } from 'vitest';
import { RetryBudget } from '../../src/call/retry-budget.ts';

test('in the long run at most every tenth call is a retry', () => {
  const budget = new RetryBudget();
  let retries = 0;
  for (let call = 0; call < 1_000; call++) {
    budget.earn();
    if (budget.spend()) retries++;
  }
  expect(retries).toBeGreaterThan(100);
  expect(retries).toBeLessThanOrEqual(110);
});
