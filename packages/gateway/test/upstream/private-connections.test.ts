import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Connection } from '../../src/upstream/connection.ts';
import { PrivateConnections } from '../../src/upstream/private-connections.ts';
import { fakeExchange } from '../call/fake-exchange.ts';
import { openFakeConnection } from './fake-connection.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;
const { peer } = fakeExchange('legacy');
const live = () => new Cancellation();

function own({ isProgram = true, endSilent = (): string | undefined => undefined } = {}) {
  const opened: Connection[] = [];
  const awaited: (() => boolean)[] = [];
  const connections = new PrivateConnections({
    server: 's',
    isProgram,
    endSilent,
    open: async (_, isAwaited) => {
      awaited.push(isAwaited);
      const { connection } = await openFakeConnection('legacy');
      opened.push(connection);
      return connection;
    },
  });
  return { connections, opened, awaited };
}

test("a session's own connection that was only listed on ends a minute later, and the next call opens another", async () => {
  const { connections, opened } = own();
  const lease = await connections.leaseToList(peer, live());
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(lease.connection.endReason).toBeUndefined();
  lease.release();
  await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
  expect(lease.connection.endReason).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(lease.connection.endReason).toBeDefined();
  expect((await connections.lease(peer, live())).connection).toBe(opened[1]);
});

test("a session's own connection on which it has called stays, before the list or after it", async () => {
  for (const order of ['before', 'after']) {
    const { connections, opened } = own();
    if (order === 'before') await connections.lease(peer, live());
    (await connections.leaseToList(peer, live())).release();
    if (order === 'after') await connections.lease(peer, live());
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
    expect(opened.map(({ endReason }) => endReason)).toEqual([undefined]);
  }
});

test('nobody waits for a connection that is only listed on, until the session calls', async () => {
  const { connections, awaited } = own();
  await connections.leaseToList(peer, live());
  expect(awaited.map((isAwaited) => isAwaited())).toEqual([false]);
  await connections.lease(peer, live());
  expect(awaited.map((isAwaited) => isAwaited())).toEqual([true]);
});

test.each([
  [true, 64],
  [false, 1_024],
])('one caller has so many connections of its own to a server, a program (%s): %i', async (isProgram, most) => {
  const { connections } = own({ isProgram });
  const sessions = Array.from({ length: most }, (_, at) => ({ ...peer, key: `s${at}` }));
  await Promise.all(sessions.map((session) => connections.lease(session, live())));
  await expect(connections.lease({ ...peer, key: 'one more' }, live())).rejects.toMatchObject({
    code: 'GATEWAY_CONNECTION_LIMIT',
    message: expect.stringContaining(`already serves ${most} clients`),
  });
});
