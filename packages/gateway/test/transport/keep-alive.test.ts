import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeepAlive } from '../../src/transport/keep-alive.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function open() {
  const keepAlive = new KeepAlive(() => Date.now());
  const entry = () => {
    const signs: number[] = [];
    const from = Date.now();
    const place = keepAlive.add({ sign: () => void signs.push(Date.now() - from) });
    return { signs, place };
  };
  return { keepAlive, entry };
}

describe('what is open', () => {
  test('shows that it lives after five seconds, and then every fifteen', () => {
    const { entry } = open();
    const { signs } = entry();
    vi.advanceTimersByTime(51_000);
    expect(signs).toEqual([5_000, 20_000, 35_000, 50_000]);
  });

  test('shows so each for itself, from when it was opened', () => {
    const { entry } = open();
    const first = entry();
    vi.advanceTimersByTime(3_000);
    const second = entry();
    vi.advanceTimersByTime(6_000);
    expect([first.signs, second.signs]).toEqual([[5_000], [5_000]]);
  });

  test('shows nothing once it has ended, even if it ends at a sign of another', () => {
    const { keepAlive, entry } = open();
    const second = { sign: vi.fn() };
    keepAlive.add({ sign: () => keepAlive.delete(place) });
    const place = keepAlive.add(second);
    const third = entry();
    keepAlive.delete(third.place);
    vi.advanceTimersByTime(60_000);
    expect(second.sign).not.toHaveBeenCalled();
    expect(third.signs).toEqual([]);
  });
});

test('no timer runs where nothing is open, and one runs again when something is', () => {
  const { keepAlive, entry } = open();
  expect(vi.getTimerCount()).toBe(0);
  const { place } = entry();
  expect(vi.getTimerCount()).toBe(1);
  keepAlive.delete(place);
  vi.advanceTimersByTime(2_000);
  expect(vi.getTimerCount()).toBe(0);
  const { signs } = entry();
  vi.advanceTimersByTime(5_000);
  expect(signs).toEqual([5_000]);
  keepAlive.close();
  expect(vi.getTimerCount()).toBe(0);
});
