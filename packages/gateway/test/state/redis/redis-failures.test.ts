import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type Logger, silentLogger } from '../../../src/logger.ts';
import { KeptRecord } from '../../../src/state/kept-record.ts';
import { openStore } from '../../../src/state/open-store.ts';
import { type RecordKind, Records } from '../../../src/state/records.ts';
import { openRedisStore } from '../../../src/state/redis/open-redis-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { Line } from './line.ts';
import { noRedis, RedisServer } from './redis-server.ts';

const counter: RecordKind<number> = { prefix: 'counter', parse: (value) => value as number };
const callers: RecordKind<number> = { ...counter, prefix: 'caller', outlivesSessions: true };
const unreachable = { code: 'GATEWAY_STATE', problem: { kind: 'unreachable' } };
const lost = { code: 'GATEWAY_STATE', problem: { kind: 'lost' } };

const openAt = (url: string, logger: Logger = silentLogger): Promise<StateStore> =>
  openRedisStore({ url, prefix: 'test:' }, logger);

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(setImmediate);
}

const serves = (store: StateStore) => (): Promise<boolean> =>
  store.get('any').then(
    () => true,
    () => false,
  );

function told(): { readonly logger: Logger; readonly said: string[] } {
  const said: string[] = [];
  const note = (_facts: unknown, message?: string): void => void said.push(message ?? '');
  return { logger: { ...silentLogger, warn: note, error: note, info: note }, said };
}

describe.skipIf(noRedis !== undefined)('a Redis that fails', () => {
  test('started again empty, it has lost what was there before for whoever counted on it, here and elsewhere', async () => {
    await using server = await RedisServer.start();
    const { logger, said } = told();
    await using one = await openAt(server.url, logger);
    await using two = await openAt(server.url);
    const seen = new KeptRecord(new Records(one, counter), ['seen']);
    const notSeenHere = new KeptRecord(new Records(two, counter), ['seen']);
    const caller = new KeptRecord(new Records(one, callers), ['caller']);
    await seen.update(() => 1);
    await caller.update(() => 1);
    await server.kill();
    await server.startAgain();
    await Promise.all([until(serves(one)), until(serves(two))]);
    for (const record of [seen, notSeenHere, caller]) await expect(record.get()).rejects.toMatchObject(lost);
    await using started = await openAt(server.url);
    expect([one.lives, two.lives, started.lives]).toEqual([2, 2, 2]);
    const callerThere = new KeptRecord(new Records(started, callers), ['caller']);
    await expect(callerThere.update(() => 0)).rejects.toMatchObject(lost);
    const fresh = new KeptRecord(new Records(started, counter), ['of a session that began later']);
    expect(await fresh.get()).toBeUndefined();
    expect(await callerThere.startOver(0)).toBe(true);
    expect(await caller.get()).toBe(0);
    expect(said.filter((message) => message.startsWith('the state store was emptied, or has come back'))).toHaveLength(
      1,
    );
  });

  test('that comes back as it was earlier has lost what was there, for gateways that had seen nothing of it too', async () => {
    await using server = await RedisServer.start();
    const { logger, said } = told();
    await using one = await openAt(server.url, logger);
    await using two = await openAt(server.url);
    const raised = new KeptRecord(new Records(one, counter), ['raised']);
    const used = new Records(one, counter);
    await raised.update(() => 1);
    await used.put(['used'], 1);
    await one.put('beat', { value: 1 });
    await server.control.save();
    await raised.update(() => 2);
    await used.delete(['used']);
    await server.kill();
    await server.startAgain();
    await until(() =>
      one.expire('beat', 8_000).then(
        (is) => !is,
        () => false,
      ),
    );
    for (const store of [one, two]) {
      await expect(new KeptRecord(new Records(store, callers), ['caller']).get()).rejects.toMatchObject(lost);
      expect(await new Records(store, counter).get(['used'])).toBeUndefined();
      expect(await new Records(store, counter).get(['raised'])).toBeUndefined();
    }
    await expect(raised.get()).rejects.toMatchObject(lost);
    await expect(raised.update(() => 3)).rejects.toMatchObject(lost);
    expect([one.lives, two.lives]).toEqual([2, 2]);
    expect(said.filter((message) => message.startsWith('the state store was emptied, or has come back'))).toHaveLength(
      1,
    );
  });

  test.each([
    ['writes', (store: StateStore) => store.put('mine', { value: 1 })],
    ['asks', (store: StateStore) => store.get('mine')],
    ['renews', (store: StateStore) => store.expire('mine', 1_000)],
    ['changes', (store: StateStore) => store.compareAndSet('mine', undefined, { value: 1 })],
  ])('emptied, with a gateway started since, it is noticed by one that only %s', async (_what, use) => {
    await using server = await RedisServer.start();
    await using before = await openAt(server.url);
    await server.control.flushall();
    await using started = await openAt(server.url);
    await use(before);
    await started.get('any');
    expect([before.lives, started.lives]).toEqual([2, 2]);
  });

  test('emptied while it runs, with a gateway started before anybody looked, it is as lost', async () => {
    await using server = await RedisServer.start();
    await using before = await openAt(server.url);
    const caller = new KeptRecord(new Records(before, callers), ['caller']);
    await server.control.flushall();
    await using started = await openAt(server.url);
    expect(started.lives).toBe(1);
    await expect(caller.get()).rejects.toMatchObject(lost);
    expect(await new Records(started, callers).get(['caller'])).toBeUndefined();
    expect(started.lives).toBe(2);
    await expect(before.compareAndSet('key', undefined, { value: 1 })).resolves.toMatchObject({ swapped: true });
  });

  test.each([['a database that is not there', () => '/99', /it has no database 99/]])(
    'is not opened with %s',
    async (_what, part, reason) => {
      await using server = await RedisServer.start();
      await expect(openAt(server.url + part())).rejects.toMatchObject({
        ...unreachable,
        message: expect.stringMatching(reason),
      });
    },
  );

  test('that is a replica is not opened, and one that becomes one says so with its first refusal', async () => {
    await using server = await RedisServer.start('--replica-serve-stale-data', 'yes');
    const { logger, said } = told();
    await using store = await openAt(server.url, logger);
    await store.put('key', { value: 1 });
    await server.control.replicaof('127.0.0.1', 1);
    const readOnly = { ...unreachable, message: expect.stringMatching(/READONLY: it is a replica/) };
    await expect(store.put('key', { value: 2 })).rejects.toMatchObject(readOnly);
    await until(serves(store));
    await expect(store.compareAndSet('other', undefined, { value: 2 })).rejects.toMatchObject(readOnly);
    expect(said.filter((message) => message.includes('"gateway.state.redis.url"'))).toHaveLength(1);
    await expect(openAt(server.url)).rejects.toMatchObject(readOnly);
    await server.control.call('REPLICAOF', 'NO', 'ONE');
    await until(async () =>
      store.put('key', { value: 3 }).then(
        () => true,
        () => false,
      ),
    );
    expect(await store.get('key')).toMatchObject({ value: 3 });
  });

  test('that is a replica is not opened, though it takes writes', async () => {
    await using server = await RedisServer.start('--replica-read-only', 'no');
    await server.control.replicaof('127.0.0.1', 1);
    await expect(openAt(server.url)).rejects.toThrow(/READONLY: it is a replica/);
  });

  test('that ends each connection says why: in protected mode, or with too many clients', async ({ skip }) => {
    await using full = await RedisServer.start();
    await full.control.config('SET', 'maxclients', '1');
    await expect(openAt(full.url)).rejects.toThrow(/as many clients as its "maxclients" allows/);
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.internal === false && one.family === 'IPv4')?.address;
    skip(outside === undefined, 'this machine has no address but loopbacks, which protected mode lets in');
    await using server = await RedisServer.start('--bind', '*', '--protected-mode', 'yes');
    const url = `redis://:SECRET@${outside}:${server.port}`;
    const refused = await openAt(url).catch(String);
    expect(refused).toMatch(/DENIED: it runs in protected mode.*"requirepass".*--protected-mode no/);
    expect(refused).not.toMatch(/SECRET|[0-9]+\.[0-9]+/);
  });

  test('that may evict is warned of when it is opened, and no other', async () => {
    await using server = await RedisServer.start('--maxmemory-policy', 'allkeys-lru');
    const { logger, said } = told();
    await using _evicting = await openAt(server.url, logger);
    expect(said).toEqual([expect.stringContaining('"maxmemory-policy"')]);
    await server.control.config('SET', 'maxmemory-policy', 'noeviction');
    await using _keeping = await openAt(server.url, logger);
    expect(said).toHaveLength(1);
  });

  test('killed, it is refused with the reason and without its address, and is back without help', async () => {
    await using server = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always');
    const { logger, said } = told();
    await using store = await openAt(server.url, logger);
    await store.put('kept', { value: 'from before' });
    const gap = Promise.withResolvers<void>();
    const heard = Promise.withResolvers<unknown>();
    await store.subscribe('news', { message: heard.resolve, gap: gap.resolve });
    await server.kill();
    const refused = await store.get('kept').catch((error: Error) => error);
    expect(refused).toMatchObject(unreachable);
    expect(String(refused)).toMatch(/ECONNREFUSED/);
    expect(String(refused)).not.toContain(String(server.port));
    await server.startAgain();
    await until(serves(store));
    expect(await store.get('kept')).toMatchObject({ value: 'from before' });
    await gap.promise;
    await store.publish('news', 'back');
    expect(await heard.promise).toBe('back');
    expect(said).toEqual(['the connection to the state store was lost', 'the state store is back']);
  });

  test('paused for its clients, it refuses what it was asked in bounded time and does not do it later', async () => {
    await using server = await RedisServer.start();
    await using store = await openAt(server.url);
    await store.put('key', { value: 'before' });
    await server.control.client('PAUSE', 60_000, 'WRITE');
    await expect(store.put('key', { value: 'while paused' })).rejects.toMatchObject(unreachable);
    // It has seen that nobody waits for an answer any more.
    await until(async () => !String(await server.control.client('LIST')).includes('cmd=set '));
    await server.control.client('UNPAUSE');
    await until(serves(store));
    expect(await store.get('key')).toMatchObject({ value: 'before' });
  });

  test('silent when somebody listens for the first time, it is listened to once it answers', async () => {
    await using server = await RedisServer.start();
    await using store = await openAt(server.url);
    await using other = await openAt(server.url);
    const heard: unknown[] = [];
    const listen = () => store.subscribe('channel', { message: (message) => void heard.push(message) });
    server.stall();
    await expect(listen()).rejects.toMatchObject(unreachable);
    server.goOn();
    await until(() =>
      listen().then(
        () => true,
        () => false,
      ),
    );
    await until(serves(other));
    await other.publish('channel', 'heard');
    await expect.poll(() => heard).toEqual(['heard']);
  });

  test('full, it takes no new records, gives those it has, and forgets none', async () => {
    await using server = await RedisServer.start('--maxmemory-policy', 'noeviction');
    await using store = await openAt(server.url);
    await store.put('key', { value: 'kept' });
    await server.control.config('SET', 'maxmemory', '1');
    const full = { code: 'GATEWAY_STATE', problem: { kind: 'full' } };
    await expect(store.put('other', { value: 1 })).rejects.toMatchObject(full);
    await expect(store.compareAndSet('other', undefined, { value: 1 })).rejects.toMatchObject(full);
    expect(await store.get('key')).toMatchObject({ value: 'kept' });
    expect(await store.delete('key')).toBe(true);
    await server.control.config('SET', 'maxmemory', '0');
    await store.put('other', { value: 1 });
  });

  test('without room on its disk, it refuses writes and gives what it has', async () => {
    await using server = await RedisServer.start();
    await using store = await openAt(server.url);
    await store.put('key', { value: 'kept' });
    await server.loseDisk();
    await expect(store.put('key', { value: 'changed' })).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringContaining('MISCONF'),
    });
    expect(await store.get('key')).toMatchObject({ value: 'kept' });
  });

  test('behind a line that is cut in both directions without a word, it is left and reached anew', async () => {
    await using server = await RedisServer.start();
    await using line = await Line.to(server.port);
    await using store = await openAt(line.url);
    const gap = Promise.withResolvers<void>();
    await store.subscribe('news', { message: () => undefined, gap: gap.resolve });
    line.swallow();
    await expect(store.put('key', { value: 1 })).rejects.toMatchObject(unreachable);
    await until(serves(store));
    await gap.promise;
  });

  test('slow by 50 ms each way, it loses no change, of those that are near it neither', async () => {
    await using server = await RedisServer.start();
    await using line = await Line.to(server.port, 50);
    await using far = await openAt(line.url);
    await using near = await openAt(server.url);
    const add = (store: StateStore, times: number) => async (): Promise<void> => {
      const records = new Records(store, counter);
      for (let time = 0; time < times; time += 1) await records.update(['one'], (now = 0) => now + 1);
    };
    await Promise.all([add(far, 3)(), add(near, 30)()]);
    expect(await near.get('counter:["one"]')).toMatchObject({ value: 33 });
    expect(await far.get('counter:["one"]')).toMatchObject({ value: 33 });
  });

  test('slow by 150 ms each way, it is opened: only what does not answer is given up', async () => {
    await using server = await RedisServer.start();
    await using line = await Line.to(server.port, 150);
    await using far = await openAt(line.url);
    await far.put('key', { value: 1 });
    expect(await far.get('key')).toMatchObject({ value: 1 });
  });

  test('away at the start, it is refused with what helps, or memory stands in with one warning', async () => {
    await using server = await RedisServer.start();
    await server.kill();
    const { logger, said } = told();
    const redis = { url: server.url, prefix: 'test:' };
    const options = { now: () => 0, logger };
    await expect(openStore({ redis, onStateLoss: 'refuse' }, options)).rejects.toMatchObject({
      ...unreachable,
      message: expect.stringMatching(/ECONNREFUSED.*"gateway\.state\.redis\.url"/),
    });
    expect(said).toEqual([]);
    await using store = await openStore({ redis, onStateLoss: 'memory' }, options);
    await store.put('key', { value: 1 });
    expect(await store.get('key')).toMatchObject({ value: 1 });
    expect(said).toEqual([expect.stringContaining('shares nothing')]);
  });
});
