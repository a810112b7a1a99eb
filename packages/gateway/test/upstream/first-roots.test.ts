import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/protocol/cancellation.ts';
import type { Exchange } from '../../src/protocol/exchange.ts';
import type { Connection } from '../../src/upstream/connection.ts';
import { FirstRoots } from '../../src/upstream/first-roots.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const exchange = { peer: { era: 'legacy', capabilities: new Set(['roots']) } } as unknown as Exchange;

/** A connection of a client with roots, whose server asks for them when the test says so, and answers pings after so long. */
function opened(pongMs = 0) {
  const told = Promise.withResolvers<void>();
  const pong = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, pongMs);
    return promise;
  };
  const connection = { isPersonal: false, rootsTold: () => told.promise, request: pong };
  return {
    connection: connection as unknown as Connection,
    /** It asks in a call, or of itself. */
    asks: ({ inCall }: { inCall: boolean }): void => {
      connection.isPersonal = true;
      if (!inCall) told.resolve();
    },
  };
}

/** How long the first request on a connection is held back. */
async function heldMs(roots: FirstRoots, connection: Connection): Promise<number> {
  const began = Date.now();
  const settled = roots.settled(connection, exchange, new Cancellation()).then(() => Date.now() - began);
  await vi.runAllTimersAsync();
  return settled;
}

/** The same, without waiting for what comes after it. */
async function heldBy(roots: FirstRoots, { connection }: ReturnType<typeof opened>): Promise<number> {
  const began = Date.now();
  let held: number | undefined;
  void roots.settled(connection, exchange, new Cancellation()).then(() => {
    held = Date.now() - began;
  });
  while (held === undefined) await vi.advanceTimersByTimeAsync(50);
  return held;
}

test('a server that asks for roots in calls alone holds up one client more, and no other', async () => {
  const roots = new FirstRoots();
  const first = opened();
  expect(await heldMs(roots, first.connection)).toBe(250);
  first.asks({ inCall: true });
  roots.answered(first.connection);
  const second = opened();
  expect(await heldMs(roots, second.connection)).toBe(2_000);
  roots.answered(second.connection);
  second.asks({ inCall: true });
  expect(await heldMs(roots, opened().connection)).toBe(0);
});

test('a server that asks at once is given time by each client, also where the first was not asked in time', async () => {
  const roots = new FirstRoots();
  const first = opened();
  expect(await heldMs(roots, first.connection)).toBe(250);
  roots.answered(first.connection);
  first.asks({ inCall: false });
  await vi.runAllTimersAsync();
  for (let client = 0; client < 3; client++) {
    const next = opened();
    const held = heldMs(roots, next.connection);
    next.asks({ inCall: false });
    expect(await held).toBe(100);
    roots.answered(next.connection);
  }
});

test('a server that comes slowly to what it has been sent has longer to ask and to look at roots, and one that never does a while', async () => {
  expect(await heldMs(new FirstRoots(), opened(1_500).connection)).toBe(1_500);
  expect(await heldMs(new FirstRoots(), opened(60_000).connection)).toBe(2_000);
  const slow = opened(700);
  const held = heldMs(new FirstRoots(), slow.connection);
  slow.asks({ inCall: false });
  expect(await held).toBe(1_400);
});

test('for a server that takes no notice of pings one client waits, and no later one, also where it asks for roots', async () => {
  const roots = new FirstRoots();
  const mute = () => opened(2 ** 31 - 1);
  expect(await heldBy(roots, mute())).toBe(2_000);
  expect(await heldBy(roots, mute())).toBe(250);
  const asking = mute();
  const held = heldBy(roots, asking);
  asking.asks({ inCall: false });
  expect(await held).toBe(100);
});

test('a server that answers a ping late has been slow, and is given its time by the next client too', async () => {
  const roots = new FirstRoots();
  expect(await heldBy(roots, opened(2_500))).toBe(2_000);
  await vi.advanceTimersByTimeAsync(500);
  expect(await heldBy(roots, opened(1_500))).toBe(1_500);
});
