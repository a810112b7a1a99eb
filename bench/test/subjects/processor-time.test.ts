import { platform } from 'node:process';
import { expect, test } from 'vitest';
import { processorTimeUs, residentMB } from '../../subjects/processor-time.ts';

test.runIf(platform === 'linux')('Linux says what a process has used', () => {
  expect(processorTimeUs(process.pid)).toBeGreaterThan(0);
  expect(residentMB(process.pid)).toBeGreaterThan(10);
});

test('of a process that is not there nothing is known', () => {
  expect(processorTimeUs(-1)).toBeNaN();
  expect(residentMB(-1)).toBeNaN();
});
