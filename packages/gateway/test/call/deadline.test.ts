import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Deadline, withDeadline } from '../../src/call/deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const late = (): Error => new Error('late');

/** Work that ends only when its signal does, with the reason. */
function begin(signal = new AbortController().signal): { deadline: Deadline; outcome: Promise<unknown> } {
  let deadline: Deadline | undefined;
  const outcome = withDeadline(100, signal, late, (given) => {
    deadline = given;
    const { promise, reject } = Promise.withResolvers<never>();
    given.signal.addEventListener('abort', () => reject(given.signal.reason));
    return promise;
  }).catch((error: Error) => error.message);
  return { deadline: deadline as Deadline, outcome };
}

test('ends the work with its own reason when the time is over', async () => {
  const { outcome } = begin();
  vi.advanceTimersByTime(100);
  expect(await outcome).toBe('late');
});

test('ends the work with the reason of the client when the client goes first', async () => {
  const client = new AbortController();
  const { outcome } = begin(client.signal);
  client.abort(new Error('client'));
  vi.advanceTimersByTime(100);
  expect(await outcome).toBe('client');
});

test('starts anew with each sign of life, but not for ever', async () => {
  const { deadline, outcome } = begin();
  let lived = 0;
  while (!deadline.signal.aborted) {
    vi.advanceTimersByTime(99);
    lived += 99;
    deadline.prolong();
    if (lived > 5_000) break;
  }
  expect(await outcome).toBe('late');
  expect(lived).toBeGreaterThan(800);
  expect(lived).toBeLessThan(1_100);
});

test('stands still while it is held, however often, and starts anew after the last release', async () => {
  const { deadline, outcome } = begin();
  const first = deadline.hold();
  const second = deadline.hold();
  vi.advanceTimersByTime(10_000);
  first();
  vi.advanceTimersByTime(10_000);
  expect(deadline.signal.aborted).toBe(false);
  second();
  vi.advanceTimersByTime(99);
  expect(deadline.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await outcome).toBe('late');
});

test('leaves no timer and no listener behind', async () => {
  const client = new AbortController();
  const remove = vi.spyOn(client.signal, 'removeEventListener');
  let kept: Deadline | undefined;
  const work = async (deadline: Deadline): Promise<string> => {
    kept = deadline;
    return 'done';
  };
  expect(await withDeadline(100, client.signal, late, work)).toBe('done');
  kept?.prolong();
  expect(vi.getTimerCount()).toBe(0);
  expect(remove).toHaveBeenCalledOnce();
});
