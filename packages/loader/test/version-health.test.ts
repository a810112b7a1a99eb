import { expect, test } from 'vitest';
import { VersionHealth } from '../src/version-health.ts';

const LIMIT = { failures: 3, withinMs: 1_000 };

function setUp(): { fail: (atMs: number) => boolean } {
  let now = 0;
  const health = new VersionHealth(() => now);
  const failure = { cause: new Error('trapped'), failures: 1, isCrashLooping: () => false };
  return {
    fail(atMs) {
      now = atMs;
      return health.failed(failure, LIMIT);
    },
  };
}

test('failures are too many when the last so many of them lie within the time', () => {
  const { fail } = setUp();
  expect([0, 600, 1_001, 1_600].map(fail)).toEqual([false, false, false, true]);
});

test('counting begins again after that', () => {
  const { fail } = setUp();
  expect([0, 0, 0, 0, 0, 0].map(fail)).toEqual([false, false, true, false, false, true]);
});

test('a crash loop is one only while calls fail fast', () => {
  let looping = true;
  const health = new VersionHealth();
  expect(health.crashLoop).toBeUndefined();
  const failure = { cause: new Error('trapped'), failures: 5, isCrashLooping: () => looping };
  health.failed(failure, undefined);
  expect(health.crashLoop).toBe(failure);
  looping = false;
  expect(health.crashLoop).toBeUndefined();
});
