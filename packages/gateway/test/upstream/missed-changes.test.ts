import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MissedChanges } from '../../src/upstream/missed-changes.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('what was missed is looked at at once, and for half a minute after it once more, when that is over', () => {
  const look = vi.fn();
  const missed = new MissedChanges(look, () => Date.now());
  missed.note();
  expect(look).toHaveBeenCalledTimes(1);
  missed.note();
  missed.note();
  expect(look).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(30_000);
  expect(look).toHaveBeenCalledTimes(2);
});

test('it is looked at once where the wait is over before its timer has fired', () => {
  const look = vi.fn();
  let late = 0;
  const missed = new MissedChanges(look, () => Date.now() + late);
  missed.note();
  missed.note();
  late = 30_000;
  missed.note();
  expect(look).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(30_000);
  expect(look).toHaveBeenCalledTimes(2);
});
