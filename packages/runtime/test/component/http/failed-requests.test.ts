import { expect, test } from 'vitest';
import { FailedRequests } from '../../../src/component/http/failed-requests.ts';

test('of a flood the first failure of each second is told, and how many more there were', () => {
  const said: string[] = [];
  let nowMs = 0;
  const failed = new FailedRequests(
    (line) => said.push(line),
    () => nowMs,
  );
  for (; nowMs < 2_000; nowMs += 1) failed.add(`number ${nowMs}`);
  failed.end();
  failed.end();
  expect(said).toEqual([
    'HTTP request failed: number 0',
    '999 more HTTP requests failed',
    'HTTP request failed: number 1000',
    '999 more HTTP requests failed',
  ]);
});
