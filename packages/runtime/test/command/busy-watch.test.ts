import { expect, onTestFinished, test, vi } from 'vitest';
import { BusyWatch } from '../../src/command/busy-watch.ts';
import { CONTROL_BYTES, ControlWord } from '../../src/command/command-setup.ts';
import { waitingIn } from '../../src/command/waiting.ts';

function watched() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
  const told: number[] = [];
  const watch = new BusyWatch(control, 1_000, () => told.push(Date.now()));
  return { control, told, watch, waiting: waitingIn(control) };
}

test('a guest that only computes is told of once, when its time is over', () => {
  const { told } = watched();
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(0); // it may have begun just now
  vi.advanceTimersByTime(10_000);
  expect(told).toHaveLength(1);
});

test('one that waits may do so for ever', () => {
  const { told, waiting } = watched();
  waiting(() => vi.advanceTimersByTime(100_000));
  expect(told).toHaveLength(0);
});

test('one that waits now and then, however shortly, computes anew each time', () => {
  const { told, waiting } = watched();
  for (let round = 0; round < 20; round++) {
    vi.advanceTimersByTime(700);
    waiting(() => {});
  }
  expect(told).toHaveLength(0);
});

test('one that has ended is told of no more', () => {
  const { told, watch, control } = watched();
  expect(Atomics.load(control, ControlWord.waits)).toBe(0);
  watch.stop();
  vi.advanceTimersByTime(100_000);
  expect(told).toHaveLength(0);
});
