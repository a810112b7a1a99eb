import { afterEach, describe, expect, test, vi } from 'vitest';
import { withinDeadline } from '../src/within-deadline.ts';

afterEach(() => void vi.restoreAllMocks());

/** Goes on for ever the first times. */
function endsAtRun(last: number): () => number {
  let run = 0;
  return () => {
    run += 1;
    while (run < last);
    return run;
  };
}

/** Each look finds that the thread has had so much more of the processor. */
function threadTakes(ms: number): void {
  let user = 0;
  vi.spyOn(process, 'threadCpuUsage').mockImplementation(() => {
    user += ms * 1_000;
    return { user, system: 0 };
  });
}

test('work gives its answer, and what it throws is thrown', () => {
  expect(withinDeadline(1_000, () => 7)).toBe(7);
  expect(() =>
    withinDeadline(1_000, () => {
      throw new RangeError('own');
    }),
  ).toThrow(RangeError);
});

describe.skipIf(process.threadCpuUsage === undefined)('work that is late (not before Node 23.9)', () => {
  test('is ended where it had the processor', () => {
    threadTakes(10);
    expect(() => withinDeadline(10, endsAtRun(2))).toThrow(/timed out/);
  });

  test('is begun again where the processor was busy with something else', () => {
    threadTakes(1);
    expect(withinDeadline(50, endsAtRun(2))).toBeGreaterThan(1);
  });

  test('is ended once it has had as much in several runs', () => {
    threadTakes(4);
    expect(() => withinDeadline(10, endsAtRun(4))).toThrow(/timed out/);
  });

  test('is begun four times at most', () => {
    threadTakes(0);
    expect(() => withinDeadline(10, endsAtRun(5))).toThrow(/timed out/);
  });
});
