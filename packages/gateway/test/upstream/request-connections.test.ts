import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeadlineError } from '../../src/errors.ts';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import type { Connection } from '../../src/upstream/connection.ts';
import type { Lease } from '../../src/upstream/lease.ts';
import { MAX_BUSY, MAX_WAITING, RequestConnections } from '../../src/upstream/request-connections.ts';
import { fakeExchange } from '../call/fake-exchange.ts';
import { openFakeConnection } from './fake-connection.ts';
import type { FakeLink } from './fake-link.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const client = (capability = 'sampling') =>
  fakeExchange('modern', { peer: { capabilities: ObjectText.from({ [capability]: {} }) } }).peer;
const live = () => new Cancellation();

/** Connections that open at once, or when `opening` resolves. */
function pool(opening: Promise<void> = Promise.resolve()) {
  const opened: Connection[] = [];
  const links: FakeLink[] = [];
  const open = vi.fn(async () => {
    await opening;
    const { connection, link } = await openFakeConnection('legacy');
    opened.push(connection);
    links.push(link);
    return connection;
  });
  const connections = new RequestConnections('s', open);
  const leases = (count: number, peer = client()): Promise<Lease[]> =>
    Promise.all(Array.from({ length: count }, () => connections.lease(peer, live())));
  const isOpen = (): number => opened.filter(({ endReason }) => endReason === undefined).length;
  return { connections, open, opened, links, leases, isOpen };
}

/** Whether a promise is settled once all that can go on has gone on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await vi.advanceTimersByTimeAsync(0);
  return settled;
}

describe('requests of one caller', () => {
  test('wait for a free connection where many run, and get it in the order in which they came', async () => {
    const { connections, open, leases } = pool();
    const running = await leases(MAX_BUSY);
    const [first, second] = [connections.lease(client(), live()), connections.lease(client(), live())];
    expect(await isSettled(first)).toBe(false);
    running[3]?.release();
    expect((await first).connection).toBe(running[3]?.connection);
    expect(await isSettled(second)).toBe(false);
    (await first).release();
    await second;
    expect(open).toHaveBeenCalledTimes(MAX_BUSY);
  });

  test('use a free connection again, until none has come for a minute', async () => {
    const { connections, leases, open, isOpen } = pool();
    for (let i = 0; i < 3; i++) (await connections.lease(client(), live())).release();
    expect(open).toHaveBeenCalledOnce();
    expect(isOpen()).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(isOpen()).toBe(0);
    expect(connections.isEmpty).toBe(true);
    await leases(1);
    expect(open).toHaveBeenCalledTimes(2);
  });

  test('do not share a connection whose server has asked for roots', async () => {
    const { connections, open, links, isOpen } = pool();
    const lease = await connections.lease(client('roots'), live());
    links[0]?.write('{"jsonrpc":"2.0","id":1,"method":"roots/list"}');
    lease.release();
    await expect.poll(() => isOpen()).toBe(0);
    await connections.lease(client('roots'), live());
    expect(open).toHaveBeenCalledTimes(2);
  });

  test('that wait for an answer of their client keep no other waiting', async () => {
    const { connections, leases } = pool();
    const running = await leases(MAX_BUSY);
    const next = connections.lease(client(), live());
    const resume = running[0]?.pause();
    await next;
    resume?.();
    running[0]?.release();
    const late = connections.lease(client(), live());
    expect(await isSettled(late)).toBe(false);
  });

  test('that end while their client is asked are counted once', async () => {
    const { connections, leases } = pool();
    const running = await leases(MAX_BUSY);
    const resume = running[0]?.pause();
    running[0]?.release();
    resume?.();
    await connections.lease(client(), live());
    expect(await isSettled(connections.lease(client(), live()))).toBe(false);
  });

  test('of another kind get a connection of their own in place of a free one', async () => {
    const { connections, leases, isOpen } = pool();
    for (const lease of await leases(MAX_BUSY)) lease.release();
    await connections.lease(client('roots'), live());
    await vi.advanceTimersByTimeAsync(0);
    expect(isOpen()).toBe(MAX_BUSY);
  });

  test('are refused where too many wait', async () => {
    const { connections, leases } = pool();
    await leases(MAX_BUSY);
    void leases(MAX_WAITING);
    await expect(connections.lease(client(), live())).rejects.toMatchObject({ code: 'GATEWAY_CONNECTION_LIMIT' });
  });
});

describe('a request that waits for its turn', () => {
  test('ends with its cancellation, and its turn goes to the next', async () => {
    const { connections, leases } = pool();
    const [running] = await leases(MAX_BUSY);
    const cancellation = live();
    const leaving = connections.lease(client(), cancellation).catch((error: unknown) => error);
    const next = connections.lease(client(), live());
    const reason = new Error('cancelled');
    cancellation.cancel(reason);
    expect(await leaving).toBe(reason);
    running?.release();
    expect((await next).connection).toBe(running?.connection);
  });

  test('and whose time is over is not told that the server was slow', async () => {
    const { connections, leases } = pool();
    await leases(MAX_BUSY);
    const cancellation = live();
    const late = connections.lease(client(), cancellation);
    cancellation.cancel(new DeadlineError({ server: 's', method: 'tools/call', timeoutMs: 1 }));
    await expect(late).rejects.toMatchObject({ code: 'GATEWAY_CONNECTION_LIMIT' });
  });

  test('is told when there will be none', async () => {
    const { connections, leases } = pool();
    await leases(MAX_BUSY);
    const waiting = connections.lease(client(), live());
    const reason = new Error('closed');
    connections.close(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe('a connection', () => {
  test('whose request is cancelled while it opens counts until it is open, and is used by the next', async () => {
    const opening = Promise.withResolvers<void>();
    const { connections, open } = pool(opening.promise);
    const cancellation = live();
    const gone = Array.from({ length: MAX_BUSY }, () =>
      connections.lease(client(), cancellation).catch((error: unknown) => error),
    );
    cancellation.cancel(new Error('gone'));
    await Promise.all(gone);
    const next = connections.lease(client(), live());
    expect(await isSettled(next)).toBe(false);
    opening.resolve();
    await next;
    expect(open).toHaveBeenCalledTimes(MAX_BUSY);
  });

  test('that cannot be opened costs no other request its turn', async () => {
    const { connections, open, leases } = pool();
    const running = await leases(MAX_BUSY - 1);
    open.mockRejectedValueOnce(new Error('no'));
    await expect(connections.lease(client(), live())).rejects.toThrow('no');
    await connections.lease(client(), live());
    expect(running).toHaveLength(MAX_BUSY - 1);
  });

  test('that has ended is used no more', async () => {
    const { connections, leases, opened } = pool();
    const [free, used] = await leases(2);
    free?.release();
    opened[0]?.abandon('gone');
    opened[1]?.abandon('gone');
    used?.release();
    const again = await connections.lease(client(), live());
    expect(opened.indexOf(again.connection)).toBe(2);
  });
});
