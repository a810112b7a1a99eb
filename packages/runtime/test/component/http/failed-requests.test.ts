import { expect, test } from 'vitest';
import { FailedRequests } from '../../../src/component/http/failed-requests.ts';

function failing() {
  const said: string[] = [];
  const clock = { ms: 0 };
  const failed = new FailedRequests(
    (line) => said.push(line),
    () => clock.ms,
  );
  return { said, clock, failed };
}

test('of a flood each reason is told once a second, and how many more failures there were', () => {
  const { said, clock, failed } = failing();
  for (; clock.ms < 2_000; clock.ms += 1) failed.add(clock.ms % 2 === 0 ? 'not granted' : 'no such name');
  failed.end();
  failed.end();
  const ofASecond = ['HTTP request failed: not granted', 'HTTP request failed: no such name'];
  expect(said).toEqual([...ofASecond, '998 more HTTP requests failed', ...ofASecond, '998 more HTTP requests failed']);
});

test('a guest that makes up reasons has no more than eight told in a second', () => {
  const { said, failed } = failing();
  for (let number = 0; number < 9; number++) failed.add(`number ${number}`);
  failed.end();
  expect(said).toHaveLength(9);
  expect(said.slice(-2)).toEqual(['HTTP request failed: number 7', '1 more HTTP request failed']);
});
