import { expect, test } from 'vitest';
import { isSameReason } from '../../src/upstream/is-same-reason.ts';

test('reasons that differ in numbers alone are the same, and others are not', () => {
  const reason = 'it exited with code 1; its last words: 2026-01-02T03:04:05.678Z [99] no key';
  expect(isSameReason(reason, 'it exited with code 1; its last words: 2026-11-22T13:14:15.16Z [100] no key')).toBe(
    true,
  );
  expect(isSameReason(reason, 'it exited with code 1; its last words: 2026-01-02T03:04:05.678Z [99] no port')).toBe(
    false,
  );
  expect(isSameReason(reason, undefined)).toBe(false);
  expect(isSameReason(undefined, undefined)).toBe(true);
});
