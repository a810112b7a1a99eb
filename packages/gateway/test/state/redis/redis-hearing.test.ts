import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { openRedisStore } from '../../../src/state/redis/open-redis-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { Line } from './line.ts';
import { noRedis, RedisServer } from './redis-server.ts';

// Its beats alone are the test's: what is asked of Redis takes its own time.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const BEAT_MS = 2_000;

/** One beat of the store, and all that it asks for. */
async function beat(store: StateStore): Promise<void> {
  vi.advanceTimersByTime(BEAT_MS);
  await new Promise(setImmediate);
  // Asked over the same connection, after it.
  await store.get('any').catch(() => undefined);
  await new Promise(setImmediate);
}

function told() {
  const said: string[] = [];
  const warn = (_facts: unknown, message?: string): void => void said.push(message ?? '');
  return { logger: { ...silentLogger, warn, info: warn }, said };
}

/** What comes to somebody who listens, and how often it is told that something may be missing. */
async function listening(store: StateStore) {
  const news = { heard: [] as unknown[], gaps: 0 };
  await store.subscribe('news', {
    message: (message) => void news.heard.push(message),
    gap: () => {
      news.gaps += 1;
    },
  });
  return news;
}

describe.skipIf(noRedis !== undefined)('a gateway that hears what others publish', () => {
  test('notices within two beats that its connection is dead, without a word from anybody, and hears again', async () => {
    await using server = await RedisServer.start();
    await using line = await Line.to(server.port);
    const { logger, said } = told();
    await using store = await openRedisStore({ url: line.url, prefix: 'test:' }, logger);
    await using other = await openRedisStore({ url: server.url, prefix: 'test:' }, silentLogger);
    const gap = Promise.withResolvers<void>();
    const heard: unknown[] = [];
    await store.subscribe('news', { message: (message) => void heard.push(message), gap: gap.resolve });
    await beat(store);
    line.swallowListening();
    expect(await other.publish('news', 'into the void')).toBe(true);
    await beat(store);
    await beat(store);
    expect(said).toEqual([expect.stringContaining('carried nothing any more')]);
    await gap.promise;
    await other.publish('news', 'heard');
    await vi.waitUntil(() => heard.length > 0);
    expect([heard, said.length]).toEqual([['heard'], 1]);
  });

  test('keeps a connection that carries something, however many beats it lives', async () => {
    await using server = await RedisServer.start();
    const { logger, said } = told();
    await using store = await openRedisStore({ url: server.url, prefix: 'test:' }, logger);
    const news = await listening(store);
    for (let beats = 0; beats < 10; beats += 1) {
      await beat(store);
      await store.publish('news', beats);
      await vi.waitUntil(() => news.heard.length > beats);
    }
    expect([news.gaps, said]).toEqual([0, []]);
  });

  test('keeps a connection that is slow, however many beats one message takes', async () => {
    await using server = await RedisServer.start();
    await using line = await Line.to(server.port);
    const { logger, said } = told();
    await using store = await openRedisStore({ url: line.url, prefix: 'test:' }, logger);
    const news = await listening(store);
    await beat(store);
    line.slowListening();
    const long = 'x'.repeat(100_000);
    await store.publish('news', long);
    for (let beats = 0; beats < 5; beats += 1) {
      await line.carry(10_000);
      await beat(store);
    }
    expect([news.gaps, said, news.heard]).toEqual([0, [], []]);
    await vi.waitUntil(async () => {
      await line.carry(10_000);
      return news.heard.length > 0;
    });
    expect([news.gaps, said, news.heard]).toEqual([0, [], [long]]);
  });

  test('says that it hears nothing where it cannot listen any more, again each minute, and that it hears again; who listens reads what may be missed', async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    vi.advanceTimersByTime(BEAT_MS);
    await using server = await RedisServer.start();
    await using line = await Line.to(server.port);
    const { logger, said } = told();
    await using store = await openRedisStore({ url: line.url, prefix: 'test:' }, logger);
    let gaps = 0;
    await store.subscribe('news', {
      message: () => undefined,
      gap: () => {
        gaps += 1;
      },
    });
    await beat(store);
    expect([store.deafSince, gaps, said]).toEqual([undefined, 0, []]);
    line.cutListening();
    await vi.waitUntil(() => store.deafSince !== undefined);
    await beat(store);
    expect([gaps, said]).toEqual([1, []]);
    await beat(store);
    expect([gaps, said]).toEqual([2, [expect.stringContaining('no second connection')]]);
    for (let beats = 0; beats < 29; beats += 1) await beat(store);
    expect([gaps, said.length]).toEqual([31, 1]);
    await beat(store);
    expect(said.length).toBe(2);
    line.mend();
    await vi.waitUntil(() => store.deafSince === undefined);
    await beat(store);
    expect(said.slice(2)).toEqual(['this gateway hears the others again']);
    expect(gaps).toBe(33);
  });

  test('is not taken for one that hears nothing where the server itself is away', async () => {
    await using server = await RedisServer.start();
    await using line = await Line.to(server.port);
    const { logger, said } = told();
    await using store = await openRedisStore({ url: line.url, prefix: 'test:' }, logger);
    const gap = Promise.withResolvers<void>();
    await store.subscribe('news', { message: () => undefined, gap: gap.resolve });
    line.swallow();
    for (let beats = 0; beats < 3; beats += 1) await beat(store);
    await gap.promise;
    await beat(store);
    expect(said).toEqual(['the connection to the state store was lost', 'the state store is back']);
  });
});
