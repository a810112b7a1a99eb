import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/call/endpoint.ts';
import { silentLogger } from '../../src/logger.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { Replicas } from '../../src/replicas/replicas.ts';
import { HttpSessions } from '../../src/session/http-sessions.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { Records } from '../../src/state/records.ts';
import { sessionRecords } from '../../src/state/session-record.ts';
import type { ChannelListener, StateStore } from '../../src/state/state-store.ts';
import { wrapped } from '../state/wrapped-store.ts';
import { HeldPipeline } from './held-pipeline.ts';

const IDLE_MS = 9_000;
const caller = { name: 'me' };
const endpoint = { key: undefined, visibleTo: () => [] } as unknown as Endpoint;
const hello = { version: '2025-11-25', capabilities: ObjectText.from({}), clientInfo: ObjectText.from({}) };

/** Gateways that share a store. */
function gateways(number: number, clock: { now: number }) {
  const asked: string[] = [];
  const memory = createMemoryStore({ now: () => clock.now });
  const listeners: ChannelListener[] = [];
  const before = async (operation: string): Promise<void> => void asked.push(operation);
  const store: StateStore = {
    ...wrapped(memory, before),
    isShared: true,
    subscribe: (channel, listener) => {
      listeners.push(listener);
      return memory.subscribe(channel, listener);
    },
  };
  const all = Array.from({ length: number }, () => {
    const replicas = new Replicas({ store, logger: silentLogger });
    const sessions: Sessions = new Sessions({
      maxSessions: 10,
      idleMs: IDLE_MS,
      now: () => clock.now,
      onEnd: () => undefined,
    });
    const { pipeline } = new HeldPipeline();
    const logger = silentLogger;
    const renewLabels = async (): Promise<void> => undefined;
    const of = new HttpSessions({ sessions, store, pipeline, replicas, now: () => clock.now, logger, renewLabels });
    const close = async (): Promise<void> => {
      sessions.closeAll();
      await replicas.close();
    };
    return { sessions, of, close };
  });
  return {
    all,
    asked,
    store,
    /** All may have missed what was told. */
    gap: () => {
      for (const listener of listeners) listener.gap?.();
    },
    [Symbol.asyncDispose]: () => Promise.all(all.map(({ close }) => close())).then(() => undefined),
  };
}

test.each([1, 2, 3, 4])(
  'a session in steady use lives on, though its requests go round %i gateways',
  async (number) => {
    const clock = { now: 0 };
    await using shared = gateways(number, clock);
    const { all, asked } = shared;
    const session = await all[0]?.of.begin(hello, caller, endpoint);
    const id = session?.peer.key ?? '';
    for (let turn = 1; turn <= 5 * number; turn++) {
      clock.now += IDLE_MS / 3;
      const { sessions, of } = all[turn % number] as (typeof all)[number];
      sessions.sweep();
      expect(await of.find(id, caller, endpoint), `turn ${turn}`).toBeDefined();
      await new Promise(setImmediate);
    }
    expect(asked.filter((operation) => operation === 'expire').length).toBeGreaterThan(0);
    const before = asked.length;
    for (let turn = 0; turn < 20; turn++) await all[0]?.of.find(id, caller, endpoint);
    await new Promise(setImmediate);
    // Told of at most one of so many in a row.
    expect(asked.slice(before).filter((operation) => operation !== 'get').length).toBeLessThanOrEqual(1);
  },
);

test('a gateway that did not hear which level a client chose elsewhere reads it when it hears again', async () => {
  await using shared = gateways(1, { now: 0 });
  const session = await shared.all[0]?.of.begin(hello, caller, endpoint);
  const records = new Records(shared.store, sessionRecords);
  await records.update([session?.peer.key ?? ''], (record) => record && { ...record, logLevel: 'debug' }, IDLE_MS);
  expect(session?.peer.logLevel).toBeUndefined();
  shared.gap();
  await new Promise(setImmediate);
  expect(session?.peer.logLevel).toBe('debug');
});
