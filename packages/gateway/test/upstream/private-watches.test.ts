import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Connection } from '../../src/upstream/connection.ts';
import type { PrivateConnections } from '../../src/upstream/private-connections.ts';
import { PrivateWatches } from '../../src/upstream/private-watches.ts';
import { fakeExchange } from '../call/fake-exchange.ts';
import { openFakeConnection } from './fake-connection.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const { peer } = fakeExchange('legacy');
const LIMIT = { server: 's', timeoutMs: 2_000 };

async function watches() {
  const { connection, link } = await openFakeConnection('legacy');
  const existing = (): Promise<Connection> => Promise.resolve(connection);
  const onError = vi.fn();
  const all = new PrivateWatches({ existing } as unknown as PrivateConnections, LIMIT, onError);
  return { connection, link, all, onError };
}

test('a client is told when its server does not answer, and may cancel', async () => {
  const { all, connection, link } = await watches();
  const late = all.add('x:1', peer, connection, new Cancellation()).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(LIMIT.timeoutMs);
  expect(await late).toMatchObject({ code: 'GATEWAY_DEADLINE' });
  const cancellation = new Cancellation();
  const cancelled = all.add('x:1', peer, connection, cancellation).catch((error: unknown) => error);
  const reason = new Error('no longer wanted');
  cancellation.cancel(reason);
  expect(await cancelled).toBe(reason);
  expect(link.sent.at(-1)?.frame.method).toBe('notifications/cancelled');
  expect(vi.getTimerCount()).toBe(0);
});

test('what nobody watches any longer, or watches again, is asked for within the same time', async () => {
  const { all, connection, link, onError } = await watches();
  link.answer = () => '"result":{}';
  const watch = await all.add('x:1', peer, connection, new Cancellation());
  link.answer = () => undefined;
  const renewed = all.renew(peer, connection);
  watch.release();
  await vi.advanceTimersByTimeAsync(LIMIT.timeoutMs);
  await renewed;
  expect(onError).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
});
