import { expect, test } from 'vitest';
import { PendingRequests } from '../../src/upstream/pending-requests.ts';

const owner = {
  onFrame: () => {},
  onEvent: () => {},
  onRefused: () => new Error('x'),
  onFailed: () => new Error('x'),
  onCancelled: () => {},
  onEnded: () => {},
};

test('gives no id twice, however long a request waits and however many wait with it', () => {
  const pending = new PendingRequests(owner);
  const patient = pending.open('subscriptions/listen', undefined);
  const seen = new Set([patient.id]);
  const waiting: ReturnType<typeof pending.open>[] = [];
  for (let round = 0; round < 5_000; round++) {
    const request = pending.open('tools/call', undefined);
    expect(seen.has(request.id)).toBe(false);
    seen.add(request.id);
    waiting.push(request);
    if (round % 3 !== 0) pending.remove(waiting.shift() as typeof request);
  }
  expect(pending.get(patient.id)).toBe(patient);
  for (const request of waiting) expect(pending.get(request.id)).toBe(request);
  expect(pending.all).toHaveLength(waiting.length + 1);
});

test('finds nothing by the id of a request that is gone, although its place has another', () => {
  const pending = new PendingRequests(owner);
  const first = pending.open('ping', undefined);
  pending.remove(first);
  const others = Array.from({ length: 31 }, () => pending.open('ping', undefined));
  expect(pending.get(first.id)).toBeUndefined();
  expect(pending.get(0)).toBeUndefined();
  expect(pending.all).toEqual(others);
});
