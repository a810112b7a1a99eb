import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Deadline } from '../../src/instance/deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function started(): { deadline: Deadline; passed: () => number } {
  let count = 0;
  const deadline = new Deadline(() => {
    count += 1;
  });
  return { deadline, passed: () => count };
}

describe('a deadline', () => {
  test('passes once, when its time is over', () => {
    const { deadline, passed } = started();
    deadline.start(100);
    vi.advanceTimersByTime(99);
    expect(passed()).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(passed()).toBe(1);
  });

  test('that is stopped does not pass', () => {
    const { deadline, passed } = started();
    deadline.start(100);
    deadline.stop();
    vi.advanceTimersByTime(1_000);
    expect(passed()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has one timer for any number of calls, and each call its whole time', () => {
    const { deadline, passed } = started();
    for (let call = 0; call < 10; call += 1) {
      deadline.start(100);
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(60);
      deadline.stop();
    }
    deadline.start(100);
    vi.advanceTimersByTime(99);
    expect(passed()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(passed()).toBe(1);
  });

  test('that is made shorter passes at the shorter time', () => {
    const { deadline, passed } = started();
    deadline.start(10_000);
    deadline.start(10);
    vi.advanceTimersByTime(10);
    expect(passed()).toBe(1);
  });

  test('that is disposed leaves no timer', () => {
    const { deadline } = started();
    deadline.start(100);
    deadline.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});
