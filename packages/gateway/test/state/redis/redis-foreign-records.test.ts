import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { silentLogger } from '../../../src/logger.ts';
import { KeptRecord } from '../../../src/state/kept-record.ts';
import { recordParser } from '../../../src/state/record-parser.ts';
import { type RecordKind, Records } from '../../../src/state/records.ts';
import { openRedisStore } from '../../../src/state/redis/open-redis-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { noRedis, RedisServer } from './redis-server.ts';

const counter: RecordKind<number> = { prefix: 'counter', parse: (value) => value as number };
const unreachable = { code: 'GATEWAY_STATE', problem: { kind: 'unreachable' } };

const openAt = (url: string): Promise<StateStore> => openRedisStore({ url, prefix: 'test:' }, silentLogger);

describe.skipIf(noRedis !== undefined)('a Redis that others write to', () => {
  test.each(['', 'text', '\n1'])(
    'with a record that no gateway has written (%j), it is there and cannot be read',
    async (text) => {
      await using server = await RedisServer.start();
      await using store = await openAt(server.url);
      const records = new Records(store, { prefix: 'label', parse: recordParser(z.object({})) });
      await records.put(['one'], {});
      const [key = ''] = await server.control.keys('test:r:*');
      await server.control.set(key, text);
      const unreadable = { code: 'GATEWAY_STATE', problem: { kind: 'unreadable' } };
      await expect(records.get(['one'])).rejects.toMatchObject(unreadable);
      await expect(records.update(['one'], () => ({}))).rejects.toMatchObject(unreadable);
      expect(await new KeptRecord(records, ['one']).startOver({})).toBe(true);
      expect(await records.get(['one'])).toEqual({});
    },
  );

  test.each([
    ['a list', (server: RedisServer, key: string) => server.control.rpush(key, 'x')],
    ['a hash', (server: RedisServer, key: string) => server.control.hset(key, 'x', '1')],
    ['a set', (server: RedisServer, key: string) => server.control.sadd(key, 'x')],
  ])('with %s of another program in the place of a record, it is there and cannot be read', async (_, write) => {
    await using server = await RedisServer.start();
    await using store = await openAt(server.url);
    const records = new Records(store, counter);
    const key = 'test:r:counter:["one"]';
    await write(server, key);
    const strict = new Records(store, { ...counter, parse: recordParser(z.number()) });
    const [foreign, absent, own] = await Promise.allSettled([
      strict.get(['one']),
      strict.get(['absent']),
      records.put(['own'], 1).then(() => strict.get(['own'])),
    ]);
    expect(foreign).toMatchObject({ reason: { code: 'GATEWAY_STATE', problem: { kind: 'unreadable' } } });
    expect([absent, own]).toMatchObject([{ value: undefined }, { value: 1 }]);
    await expect(strict.update(['one'], () => 2)).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
    await expect(strict.create(['one'], 2)).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
    await expect(strict.expire(['one'], 1_000)).rejects.toMatchObject({ code: 'GATEWAY_STATE' });
    expect(await strict.has(['one'])).toBe(true);
    expect(await new KeptRecord(strict, ['one']).startOver(3)).toBe(true);
    expect(await strict.get(['one'])).toBe(3);
  });

  test('with a life that is no number to count on from, it is not opened, and told which key that is', async () => {
    await using server = await RedisServer.start();
    await server.control.set('test:life', '99999999999999999999:x');
    await expect(openAt(server.url)).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringMatching(/"test:life" holds no number.*delete it/),
    });
    await server.control.del('test:life');
    await using store = await openAt(server.url);
    await server.control.set('test:life', '99999999999999999999:x');
    await expect(store.get('key')).rejects.toMatchObject(unreachable);
    await expect(store.put('key', { value: 1 })).rejects.toMatchObject(unreachable);
    expect(store.lives).toBe(1);
  });
});
