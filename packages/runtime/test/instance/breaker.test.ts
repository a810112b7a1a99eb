import { describe, expect, test } from 'vitest';
import { CrashLoopBreaker } from '../../src/instance/breaker.ts';

function breakerAt(): { readonly breaker: CrashLoopBreaker; readonly pass: (ms: number) => void } {
  let now = 0;
  return {
    breaker: new CrashLoopBreaker(() => now),
    pass: (ms) => {
      now += ms;
    },
  };
}

const failure = new Error('trap');

describe('the crash-loop breaker', () => {
  test('opens at the fifth failure in a row within 30 s', () => {
    const { breaker, pass } = breakerAt();
    const opened = [1, 2, 3, 4, 5].map(() => {
      pass(7_000);
      return breaker.failed(failure);
    });
    expect(opened).toEqual([false, false, false, false, true]);
    expect(breaker).toMatchObject({ restsForMs: 1_000, failures: 5, lastCause: failure });
  });

  test('stays closed when five failures take longer', () => {
    const { breaker, pass } = breakerAt();
    for (let count = 0; count < 20; count += 1) {
      pass(7_501);
      expect(breaker.failed(failure)).toBe(false);
    }
  });

  test('opens later where several instances fail at once, and as before once there is one left', () => {
    const { breaker } = breakerAt();
    for (let count = 0; count < 9; count += 1) expect(breaker.failed(failure, 2)).toBe(false);
    expect(breaker.failed(failure, 2)).toBe(true);
    breaker.succeeded();
    for (let count = 0; count < 4; count += 1) expect(breaker.failed(failure, 4)).toBe(false);
    expect(breaker.failed(failure, 1)).toBe(true);
  });

  test('starts over after a success', () => {
    const { breaker } = breakerAt();
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 4; count += 1) expect(breaker.failed(failure)).toBe(false);
      breaker.succeeded();
    }
    expect(breaker.failures).toBe(0);
  });

  test('rests twice as long after each further failure, up to a minute, until a success', () => {
    const { breaker, pass } = breakerAt();
    for (let count = 0; count < 4; count += 1) breaker.failed(failure);
    const rests = Array.from({ length: 8 }, () => {
      breaker.failed(failure);
      const { restsForMs } = breaker;
      pass(restsForMs);
      expect(breaker.restsForMs).toBe(0);
      return restsForMs;
    });
    expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    breaker.succeeded();
    expect(breaker.failed(failure)).toBe(false);
  });
});
