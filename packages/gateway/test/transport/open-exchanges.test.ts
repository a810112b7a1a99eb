import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OpenExchange, OpenExchanges } from '../../src/transport/open-exchanges.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function open(exchanges: OpenExchanges, isWanted: boolean) {
  const exchange = { isWanted, ended: false, end: () => {} };
  const place = exchanges.add(exchange satisfies OpenExchange);
  exchange.end = () => {
    exchange.ended = true;
    exchanges.remove(place);
  };
  return exchange;
}

describe('an exchange', () => {
  test('that nobody waits for is ended after five to ten seconds, and no sooner', () => {
    const exchanges = new OpenExchanges();
    const [early, late] = [open(exchanges, false), open(exchanges, true)];
    vi.advanceTimersByTime(5_001);
    late.isWanted = false;
    vi.advanceTimersByTime(4_998);
    expect([early.ended, late.ended]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([early.ended, late.ended]).toEqual([true, false]);
    vi.advanceTimersByTime(5_000);
    expect(late.ended).toBe(true);
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
