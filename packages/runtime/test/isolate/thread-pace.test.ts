import { describe, expect, test } from 'vitest';
import { ThreadPace } from '../../src/isolate/thread-pace.ts';

/** A thread whose priority is lowered so often, a clock, and the share of the processor that the thread gets. */
function openPace({ can = true } = {}) {
  const seen = { lowered: 0, nowMs: 1_000, processorMs: 0, share: 1 };
  const lower = (): boolean => {
    seen.lowered += 1;
    return can;
  };
  const pace = new ThreadPace({ processorMs: () => seen.processorMs, lower }, () => seen.nowMs);
  const pass = (ms: number): void => {
    seen.nowMs += ms;
    seen.processorMs += ms * seen.share;
  };
  /** One call, looked at every ten milliseconds. */
  const compute = (forMs: number): void => {
    pace.begin();
    for (let left = forMs; left > 0; left -= 10) {
      pass(Math.min(10, left));
      pace.look();
    }
    pace.end();
  };
  return { pace, seen, compute, pass };
}

describe('the pace of a thread', () => {
  test('is lowered once, when its guest has computed for long at a time', () => {
    const { pace, seen, compute, pass } = openPace();
    for (let call = 0; call < 100; call++) compute(15);
    expect(seen.lowered).toBe(0);
    pace.begin();
    const looks = [9, 1, 9, 1].map((ms) => {
      pass(ms);
      return pace.look();
    });
    expect(looks).toEqual([true, true, true, false]);
    pace.end();
    compute(50);
    expect(seen.lowered).toBe(1);
    expect(pace.isLowered).toBe(true);
  });

  test('does not count what its guest waits for, be it the host or a busy processor', () => {
    const { pace, seen, compute, pass } = openPace();
    pace.begin();
    pace.end();
    pass(1_000);
    expect(pace.look()).toBe(false);
    seen.share = 0.1;
    compute(90);
    expect(seen.lowered).toBe(0);
    compute(130);
    expect(seen.lowered).toBe(1);
  });

  test('is calm again after ten seconds of quick calls, and not before', () => {
    const { pace, compute, pass } = openPace();
    compute(30);
    pass(9_000);
    compute(1);
    expect(pace.isCalm).toBe(false);
    compute(30);
    pass(9_000);
    compute(1);
    expect(pace.isCalm).toBe(false);
    pass(1_000);
    compute(1);
    expect(pace.isCalm).toBe(true);
  });

  test.each<[string, Parameters<typeof openPace>[0], number]>([
    ['does not let it be lowered', { can: false }, 1],
    ['does not say what it takes', {}, Number.NaN],
  ])('stays where the system %s', (_what, options, share) => {
    const { pace, seen, compute } = openPace(options);
    seen.share = share;
    compute(50);
    compute(1);
    expect(pace.isLowered).toBe(false);
    expect(pace.isCalm).toBe(false);
  });
});
