import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { WatchedResources } from '../../src/upstream/watched-resources.ts';
import { openFakeConnection } from './fake-connection.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const URI = 'x:1';
const LIMIT = { server: 's', timeoutMs: 2_000 };
const GONE = new Error('the client has gone');
const REFUSAL = '"error":{"code":-32002,"message":"no such resource"}';

/** Resources that are watched on a connection whose other end is the test. */
async function watched(era: 'legacy' | 'modern' = 'legacy') {
  const opened = await openFakeConnection(era, { capabilities: { resources: { subscribe: true } } });
  const { connection, link } = opened;
  const onError = vi.fn();
  const resources = new WatchedResources({ limit: LIMIT, connection: () => connection, onError, onMessage: () => {} });
  const add = (cancellation = new Cancellation()): Promise<unknown> =>
    resources.add(URI, cancellation).catch((error: unknown) => error);
  const answer = (method: string, body: string): void =>
    link.write(`{"jsonrpc":"2.0","id":${link.request(method).id},${body}}`);
  const sent = (): unknown[] => link.sent.map(({ frame }) => frame.method);
  return { resources, link, onError, add, answer, sent };
}

describe('those who want the same resource', () => {
  test('wait for one answer of the server, and are told the same refusal; the next asks anew', async () => {
    const { add, answer, sent } = await watched();
    const both = [add(), add()];
    answer('resources/subscribe', REFUSAL);
    for (const refused of both) expect(await refused).toMatchObject({ code: -32_002 });
    const third = add();
    expect(sent()).toEqual(['resources/subscribe', 'resources/subscribe']);
    answer('resources/subscribe', '"result":{}');
    expect(await third).toBeTypeOf('function');
  });

  test('go on waiting when one of them has cancelled', async () => {
    const { add, answer, sent } = await watched();
    const leaving = new Cancellation();
    const [first, second] = [add(leaving), add()];
    leaving.cancel(GONE);
    expect(await first).toBe(GONE);
    answer('resources/subscribe', '"result":{}');
    const release = (await second) as () => void;
    expect(sent()).toEqual(['resources/subscribe']);
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent()).toEqual(['resources/subscribe', 'resources/unsubscribe']);
  });

  test('cancel the request when the last of them has', async () => {
    const { add, sent } = await watched();
    const leaving = new Cancellation();
    const both = [add(leaving), add(leaving)];
    leaving.cancel(GONE);
    expect(await Promise.all(both)).toEqual([GONE, GONE]);
    expect(sent()).toEqual(['resources/subscribe', 'notifications/cancelled']);
  });
});

describe('a server that does not answer', () => {
  test('keeps nobody waiting who subscribes', async () => {
    const { add } = await watched();
    const late = add();
    await vi.advanceTimersByTimeAsync(LIMIT.timeoutMs);
    expect(await late).toMatchObject({ code: 'GATEWAY_DEADLINE' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is not waited for when nobody watches any longer', async () => {
    const { add, answer, onError } = await watched();
    const first = add();
    answer('resources/subscribe', '"result":{}');
    ((await first) as () => void)();
    await vi.advanceTimersByTimeAsync(LIMIT.timeoutMs);
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'GATEWAY_DEADLINE' }));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is not waited for on a new connection', async () => {
    const { resources, add, answer, onError } = await watched();
    const first = add();
    answer('resources/subscribe', '"result":{}');
    await first;
    const renewed = resources.renew();
    await vi.advanceTimersByTimeAsync(LIMIT.timeoutMs);
    await renewed;
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'GATEWAY_DEADLINE' }));
  });
});

test('a resource that is wanted again at once is not unsubscribed from', async () => {
  const { add, answer, sent } = await watched();
  const first = add();
  answer('resources/subscribe', '"result":{}');
  ((await first) as () => void)();
  const second = add();
  answer('resources/subscribe', '"result":{}');
  await second;
  expect(sent()).toEqual(['resources/subscribe', 'resources/subscribe']);
});

test('a modern server is told that a stream is not wanted which it has not taken on yet', async () => {
  const { add, link, sent } = await watched('modern');
  const leaving = new Cancellation();
  const cancelled = add(leaving);
  leaving.cancel(GONE);
  expect(await cancelled).toBe(GONE);
  expect(sent()).toEqual(['subscriptions/listen', 'notifications/cancelled']);
  expect(link.request('subscriptions/listen').aborted).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
