import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OpenExchange, OpenExchanges } from '../../src/transport/open-exchanges.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function open(exchanges: OpenExchanges, isWanted: boolean, patience = 1) {
  const exchange = { isWanted, patience, ended: false, end: () => {} };
  const place = exchanges.add(exchange satisfies OpenExchange);
  exchange.end = () => {
    exchange.ended = true;
    exchanges.remove(place);
  };
  return exchange;
}

describe('an exchange', () => {
  test('that nobody waits for has its time to end by itself, and a second more at most', () => {
    const exchanges = new OpenExchanges();
    const [early, late] = [open(exchanges, false, 3), open(exchanges, true, 1)];
    vi.advanceTimersByTime(3_999);
    late.isWanted = false;
    expect([early.ended, late.ended]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([early.ended, late.ended]).toEqual([true, false]);
    vi.advanceTimersByTime(1_000);
    expect(late.ended).toBe(true);
  });

  test('that is waited for again has its whole time afterwards', () => {
    const exchanges = new OpenExchanges();
    const exchange = open(exchanges, false, 2);
    vi.advanceTimersByTime(2_000);
    exchange.isWanted = true;
    vi.advanceTimersByTime(1_000);
    exchange.isWanted = false;
    vi.advanceTimersByTime(2_000);
    expect(exchange.ended).toBe(false);
  });

  test('that somebody waits for stays, until all are ended', () => {
    const exchanges = new OpenExchanges();
    const wanted = open(exchanges, true);
    vi.advanceTimersByTime(3_600_000);
    expect(wanted.ended).toBe(false);
    exchanges.endAll();
    expect(wanted.ended).toBe(true);
  });
});

test('no timer runs where nothing is open, and one does for what is opened afterwards', () => {
  const exchanges = new OpenExchanges();
  open(exchanges, false);
  vi.advanceTimersByTime(10_000);
  expect(vi.getTimerCount()).toBe(0);
  const next = open(exchanges, false);
  vi.advanceTimersByTime(10_000);
  expect([next.ended, vi.getTimerCount()]).toEqual([true, 0]);
});
