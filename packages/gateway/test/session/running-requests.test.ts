import { expect, test } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { RequestFrame } from '../../src/protocol/frame/frame.ts';
import { RunningRequests } from '../../src/session/running-requests.ts';

const request = (id: string, method = 'tools/call', byteLength = 10): RequestFrame => ({
  kind: 'request',
  id: Buffer.from(id),
  method,
  params: undefined,
  byteLength,
});
const refusal = expect.objectContaining({ code: -32_000, message: expect.stringContaining('1000 requests') });

test('a client may have a thousand requests unanswered, and another when one is answered', () => {
  const running = new RunningRequests();
  const [first] = Array.from({ length: 1_000 }, (_, id) => running.add(request(String(id))));
  expect(() => running.add(request('x'))).toThrow(refusal);
  if (first) running.remove(first);
  expect(running.add(request('x')).id.toString()).toBe('x');
});

test('a client may have 256 MiB of requests unanswered', () => {
  const running = new RunningRequests();
  const half = running.add(request('a', 'tools/call', 128 * 1024 * 1024));
  running.add(request('b', 'tools/call', 128 * 1024 * 1024));
  expect(() => running.add(request('c', 'tools/call', 1))).toThrow(refusal);
  running.remove(half);
  expect(running.add(request('c', 'tools/call', 1)).byteLength).toBe(1);
});

test('requests of one id are cancelled together, and others are not', () => {
  const running = new RunningRequests();
  const all = ['1', '"1"', '1'].map((id) => {
    const cancellation = new Cancellation();
    running.add(request(id), cancellation);
    return cancellation;
  });
  running.cancel(Buffer.from('1'), new Error('no'));
  running.cancel(undefined, new Error('no'));
  expect(all.map(({ cancelled }) => cancelled)).toEqual([true, false, true]);
});

test('they are settled when all are answered but streams of changes', async () => {
  const running = new RunningRequests();
  await running.settled();
  running.add(request('1', 'subscriptions/listen'));
  await running.settled();
  const call = running.add(request('2'));
  let isSettled = false;
  const settled = running.settled().then(() => {
    isSettled = true;
  });
  await Promise.resolve();
  expect(isSettled).toBe(false);
  running.remove(call);
  await settled;
});
