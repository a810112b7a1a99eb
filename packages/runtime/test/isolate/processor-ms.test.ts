import { expect, test } from 'vitest';
import { processorMs } from '../../src/isolate/processor-ms.ts';
import { threadNumber } from '../../src/isolate/thread-number.ts';

const number = threadNumber();

test.skipIf(number === 0)('the processor time of a thread grows while it runs (needs /proc)', () => {
  const before = processorMs(number);
  expect(before).toBeGreaterThan(0);
  while (processorMs(number) === before);
  expect(processorMs(number)).toBeGreaterThan(before);
});

test('of a thread that is not there nothing is said', () => {
  expect([processorMs(0), processorMs(2 ** 31 - 1)]).toEqual([Number.NaN, Number.NaN]);
});
