import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ceilingCounts } from '../../src/ceilings.ts';
import { MAX_STRAY_BYTES, MAX_STRAY_LINES, StrayLines } from '../../src/transport/stray-lines.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** How many lines of this size are taken in a row, at most one more than the limit. */
function taken(lines: StrayLines, byteLength: number): number {
  let count = 0;
  while (count <= MAX_STRAY_LINES && !lines.add(byteLength)) count++;
  return count;
}

test('lines that are no messages are too many beyond a number of them, or of their bytes, in a second', () => {
  const reached = ceilingCounts.get('stray-lines') ?? 0;
  expect(taken(new StrayLines(), 2)).toBe(MAX_STRAY_LINES);
  expect(taken(new StrayLines(), MAX_STRAY_BYTES / 4)).toBe(4);
  expect(taken(new StrayLines(), MAX_STRAY_BYTES * 9)).toBe(1);
  expect(ceilingCounts.get('stray-lines')).toBe(reached + 3);
});

test.each<[string, (lines: StrayLines) => void]>([
  ['a message comes between them', (lines) => lines.clear()],
  ['they come slowly', () => vi.advanceTimersByTime(1_000)],
])('lines that are no messages are never too many where %s', (_, between) => {
  const lines = new StrayLines();
  for (let i = 0; i < MAX_STRAY_LINES * 5; i++) {
    if (i % MAX_STRAY_LINES === 0) between(lines);
    expect(lines.add(1)).toBe(false);
  }
});
