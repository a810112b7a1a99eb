import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline } from '../../src/call/deadline.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const late = (): Error => new Error('late');

/** Work that ends only when it is cancelled, with the reason. */
function begin(outer = new Cancellation()): { deadline: Deadline; outcome: Promise<unknown> } {
  const deadline = new Deadline(100, outer, late);
  const { promise: outcome, resolve } = Promise.withResolvers<unknown>();
  deadline.onCancel((reason) => resolve((reason as Error).message));
  return { deadline, outcome };
}

test('ends the work with its own reason when the time is over', async () => {
  const { outcome } = begin();
  vi.advanceTimersByTime(100);
  expect(await outcome).toBe('late');
});

test('ends the work with the reason of the client when the client goes first', async () => {
  const client = new Cancellation();
  const { outcome } = begin(client);
  client.cancel(new Error('client'));
  vi.advanceTimersByTime(100);
  expect(await outcome).toBe('client');
});

test('progress starts it anew, but not for ever', async () => {
  const { deadline, outcome } = begin();
  let lived = 0;
  while (!deadline.cancelled) {
    vi.advanceTimersByTime(99);
    lived += 99;
    deadline.prolong();
    if (lived > 5_000) break;
  }
  expect(await outcome).toBe('late');
  expect(lived).toBeGreaterThan(800);
  expect(lived).toBeLessThan(1_100);
});

test('progress starts it anew however often it comes, for ten times its length in all', async () => {
  const { deadline, outcome } = begin();
  for (let lived = 0; lived < 950; lived++) {
    vi.advanceTimersByTime(1);
    deadline.prolong();
  }
  expect(deadline.cancelled).toBe(false);
  vi.advanceTimersByTime(49);
  expect(deadline.cancelled).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await outcome).toBe('late');
});

test('stands still while it is held, however often, and goes on after the last release with what was left', async () => {
  const { deadline, outcome } = begin();
  vi.advanceTimersByTime(40);
  const first = deadline.hold();
  const second = deadline.hold();
  vi.advanceTimersByTime(10_000);
  first();
  vi.advanceTimersByTime(10_000);
  expect(deadline.cancelled).toBe(false);
  second();
  vi.advanceTimersByTime(59);
  expect(deadline.cancelled).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await outcome).toBe('late');
});

test('is one, however often a server has its client asked in between', async () => {
  const { deadline, outcome } = begin();
  for (let asked = 0; asked < 10; asked++) {
    vi.advanceTimersByTime(9);
    const release = deadline.hold();
    vi.advanceTimersByTime(1_000);
    release();
  }
  vi.advanceTimersByTime(10);
  expect(deadline.cancelled).toBe(true);
  expect(await outcome).toBe('late');
});

test('has all of its time again after progress, also where that comes while it stands still', async () => {
  const { deadline, outcome } = begin();
  vi.advanceTimersByTime(90);
  const release = deadline.hold();
  deadline.prolong();
  release();
  vi.advanceTimersByTime(99);
  expect(deadline.cancelled).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await outcome).toBe('late');
});

test('leaves no timer and no listener behind, whatever is reported after its end', () => {
  const client = new Cancellation();
  const { deadline } = begin(client);
  deadline.end();
  deadline.prolong();
  deadline.hold()();
  expect(vi.getTimerCount()).toBe(0);
  client.cancel(new Error('client'));
  expect(deadline.cancelled).toBe(false);
});
