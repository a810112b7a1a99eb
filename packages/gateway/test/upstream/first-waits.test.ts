import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FirstWaits } from '../../src/upstream/first-waits.ts';

const MS = 3_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Something that is there when `come` or `fail` is called. */
function coming() {
  const { promise, resolve: come, reject: fail } = Promise.withResolvers<string>();
  const find = vi.fn(() => promise);
  return { find, come, fail, onLate: vi.fn() };
}

describe('what may take long', () => {
  test('is waited for', async () => {
    const waits = new FirstWaits();
    const { find, come, onLate } = coming();
    const first = waits.once('a', MS, find, () => 'shared', onLate);
    come('own');
    expect(await first).toBe('own');
    expect(onLate).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is waited for by the first alone where that is in vain', async () => {
    const waits = new FirstWaits();
    const { find, come, onLate } = coming();
    const first = waits.once('a', MS, find, () => 'shared', onLate);
    vi.advanceTimersByTime(MS);
    expect(await first).toBe('shared');
    for (let i = 0; i < 3; i++) expect(waits.once('a', MS, find, () => 'shared', onLate)).toBe('shared');
    expect(find).toHaveBeenCalledOnce();
    const other = waits.once(
      'b',
      MS,
      () => Promise.resolve('other'),
      () => 'shared',
      onLate,
    );
    expect(await other).toBe('other');
    come('own');
    await vi.advanceTimersByTimeAsync(0);
    expect(onLate).toHaveBeenCalledOnce();
    expect(await waits.once('a', MS, find, () => 'shared', onLate)).toBe('own');
  });

  test('may be waited for again once it has failed', async () => {
    const waits = new FirstWaits();
    const { find, fail, onLate } = coming();
    const first = waits.once('a', MS, find, () => 'shared', onLate);
    vi.advanceTimersByTime(MS);
    expect(await first).toBe('shared');
    fail(new Error('gone'));
    await vi.advanceTimersByTimeAsync(0);
    await expect(waits.once('a', MS, find, () => 'shared', onLate)).rejects.toThrow('gone');
    expect(onLate).not.toHaveBeenCalled();
  });
});
