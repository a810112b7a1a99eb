import { expect, onTestFinished, test, vi } from 'vitest';
import { BusyWatch } from '../../src/command/busy-watch.ts';
import { CONTROL_BYTES, ControlWord } from '../../src/command/command-setup.ts';
import { waitingIn } from '../../src/command/waiting.ts';

/** A guest that is watched, and the share of the processor that its thread gets: not a number where the system does not say. */
function watched(share = 1) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
  const thread = { share, processorMs: 0 };
  const told: number[] = [];
  const watch = new BusyWatch({
    control,
    limitMs: 1_000,
    processorMs: () => thread.processorMs,
    onTooLong: () => told.push(Date.now()),
  });
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 50) {
      thread.processorMs += Math.min(50, left) * thread.share;
      vi.advanceTimersByTime(Math.min(50, left));
    }
  };
  return { control, thread, told, watch, pass, waiting: waitingIn(control, () => {}) };
}

test.each([
  ['by its processor time', 1],
  ['by the clock where the system does not say its processor time', Number.NaN],
])('a guest that only computes is told of once, when its time is over: %s', (_how, share) => {
  const { told, pass } = watched(share);
  pass(1_000);
  expect(told).toHaveLength(0); // it may have begun just now
  pass(250);
  expect(told).toHaveLength(1);
  pass(10_000);
  expect(told).toHaveLength(1);
});

test('a guest whose thread is starved has its whole time all the same, and not more', () => {
  const { told, thread, pass } = watched(0.01);
  pass(60_000);
  expect(told).toHaveLength(0);
  thread.share = 1;
  pass(1_000);
  expect(told).toHaveLength(1);
});

test('a guest that is starved while it starts has its whole time, though it has not waited yet', () => {
  const { told, thread, control, pass } = watched(0.01);
  Atomics.store(control, ControlWord.isWaiting, 1); // as long as its thread comes up
  pass(2_000);
  Atomics.store(control, ControlWord.isWaiting, 0);
  pass(60_000);
  expect(told).toHaveLength(0);
  thread.share = 1;
  pass(1_000);
  expect(told).toHaveLength(1);
});

test('what a guest has computed before it waited does not count', () => {
  const { told, thread, waiting, pass } = watched();
  for (let round = 0; round < 20; round++) {
    pass(1_000);
    waiting(() => pass(300));
  }
  thread.share = 0.01;
  pass(60_000);
  expect(told).toHaveLength(0);
});

test('one that waits may do so for ever', () => {
  const { told, waiting, pass } = watched();
  waiting(() => pass(100_000));
  expect(told).toHaveLength(0);
});

test('one that waits now and then, however shortly, computes anew each time', () => {
  const { told, waiting, pass } = watched();
  for (let round = 0; round < 20; round++) {
    pass(700);
    waiting(() => {});
  }
  expect(told).toHaveLength(0);
});

test('one that has ended is told of no more', () => {
  const { told, watch, control, pass } = watched();
  expect(Atomics.load(control, ControlWord.waits)).toBe(0);
  watch.stop();
  pass(100_000);
  expect(told).toHaveLength(0);
});
