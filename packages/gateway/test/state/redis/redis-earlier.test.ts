import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { openRedisStore } from '../../../src/state/redis/open-redis-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { Line } from './line.ts';
import { noRedis, RedisServer } from './redis-server.ts';

const openAt = (url: string): Promise<StateStore> => openRedisStore({ url, prefix: 'test:' }, silentLogger);

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch {
      await new Promise(setImmediate);
    }
  }
}

let server: RedisServer;

beforeEach(async () => {
  if (noRedis === undefined) server = await RedisServer.start();
});
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** As it was when it last saved. */
async function comeBackAsEarlier(): Promise<void> {
  await server.kill();
  await server.startAgain();
}

describe.skipIf(noRedis !== undefined)('a Redis that comes back as it was earlier', () => {
  test.each([0, 1, 5])(
    'gives nobody what it was, though a gateway that saw none of the lost writes makes %d of its own first',
    async (writes) => {
      await using one = await openAt(server.url);
      await using other = await openAt(server.url);
      await one.put('labels', { value: ['public'] });
      await other.get('labels');
      await server.control.save();
      await one.put('labels', { value: ['private'] });
      await comeBackAsEarlier();
      expect(await answered(() => other.get('labels'))).toBeUndefined();
      for (let write = 0; write < writes; write += 1) await answered(() => other.put('more', { value: write }));
      expect(await answered(() => one.get('labels'))).toBeUndefined();
      expect([one.lives, other.lives]).toEqual([2, 2]);
    },
    20_000,
  );

  test('gives a gateway nothing that starts before those that saw more have looked', async () => {
    await using one = await openAt(server.url);
    await one.put('labels', { value: ['public'] });
    await server.control.save();
    await one.put('labels', { value: ['private'] });
    await comeBackAsEarlier();
    await using started = await answered(() => openAt(server.url));
    expect(await answered(() => started.get('labels'))).toBeUndefined();
    expect(started.lives).toBe(2);
  }, 20_000);

  test('is noticed by a gateway that was out of reach, also where it was started once more since', async () => {
    await using line = await Line.to(server.port);
    await using one = await openAt(line.url);
    await server.control.save();
    await one.put('labels', { value: ['private'] });
    line.cut();
    await comeBackAsEarlier();
    await using other = await answered(() => openAt(server.url));
    for (let write = 0; write < 3; write += 1) await answered(() => other.put('more', { value: write }));
    await server.control.save();
    await comeBackAsEarlier();
    expect(await answered(() => other.get('more'))).toMatchObject({ value: 2 });
    line.mend();
    await answered(() => one.get('labels'));
    expect(await answered(() => other.get('more'))).toBeUndefined();
    expect([one.lives, other.lives]).toEqual([2, 2]);
  }, 20_000);

  test('has lost nothing where it has all that was written, however often it is started', async () => {
    await using one = await openAt(server.url);
    await using other = await openAt(server.url);
    for (let start = 0; start < 2; start += 1) {
      await answered(() => one.put('labels', { value: start }));
      await answered(() => other.put('more', { value: start }));
      await server.control.save();
      await comeBackAsEarlier();
      expect(await answered(() => other.get('labels'))).toMatchObject({ value: start });
      expect(await answered(() => one.get('more'))).toMatchObject({ value: start });
    }
    expect([one.lives, other.lives]).toEqual([1, 1]);
  }, 20_000);
});
