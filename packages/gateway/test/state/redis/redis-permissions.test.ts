import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { openStore } from '../../../src/state/open-store.ts';
import { openRedisStore } from '../../../src/state/redis/open-redis-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { noRedis, RedisServer } from './redis-server.ts';

const NEEDED = [
  ...['+set', '+get', '+mget', '+exists', '+getrange', '+incr', '+pexpire', '+del', '+eval', '+evalsha'],
  ...['+info', '+publish', '+subscribe', '+unsubscribe', '~lockgate:*', '&lockgate:*'],
];

let server: RedisServer;

beforeAll(async () => {
  if (noRedis === undefined) server = await RedisServer.start();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** The rules of the user that the documentation tells to make. */
async function documented(): Promise<readonly string[]> {
  const page = await readFile(new URL('../../../../../docs/scaling.md', import.meta.url), 'utf8');
  return /`ACL SETUSER gateway on >secret ([^`]+)`/.exec(page)?.[1]?.split(' ') ?? [];
}

async function userWith(rules: readonly string[]): Promise<{ readonly url: string; readonly prefix: string }> {
  await server.control.call('ACL', 'SETUSER', 'gateway', 'reset', 'on', '>secret', ...rules);
  return { url: server.url.replace('//', '//gateway:secret@'), prefix: 'lockgate:' };
}

async function useAll(store: StateStore): Promise<void> {
  const end = await store.subscribe('news', { message: () => undefined });
  expect(await store.publish('news', 1)).toBe(true);
  await end();
  await store.put('key', { value: 1, ttlMs: 60_000 });
  expect(await store.expire('key', 60_000)).toBe(true);
  const found = await store.get('key');
  expect(await store.compareAndSet('key', found?.revision, { value: 2 })).toMatchObject({ swapped: true });
  expect(await store.delete('key')).toBe(true);
}

describe.skipIf(noRedis !== undefined)('a user of an access list', () => {
  test('that has what the documentation says is let do everything', async () => {
    const rules = await documented();
    expect(rules.filter((rule) => NEEDED.includes(rule)).toSorted()).toEqual(NEEDED.toSorted());
    await using store = await openRedisStore(await userWith(rules), silentLogger);
    await useAll(store);
  });

  test.each(NEEDED)('that lacks %s is refused at the start with that rule alone', async (lacking) => {
    const redis = await userWith((await documented()).filter((rule) => rule !== lacking));
    const refused = await openStore({ redis, onStateLoss: 'refuse' }, { now: () => 0, logger: silentLogger }).catch(
      (error: Error) => error,
    );
    expect(refused).toMatchObject({ code: 'GATEWAY_STATE', problem: { kind: 'forbidden', lacks: lacking } });
    expect(String(refused)).toContain('ACL SETUSER');
    expect(String(refused)).not.toMatch(/secret|cannot be reached|start it/);
  });

  test('that loses a rule while the gateway runs is told which', async () => {
    await using store = await openRedisStore(await userWith(await documented()), silentLogger);
    await server.control.call('ACL', 'SETUSER', 'gateway', '-mget', '-publish');
    // Redis before 7.2 does not say which it is that a script may not use.
    const lacks = expect.stringMatching(/^\+mget$|^a command of those in docs\/scaling\.md$/);
    await expect(store.get('key')).rejects.toMatchObject({ problem: { kind: 'forbidden', lacks } });
    await expect(store.publish('one', 1)).rejects.toMatchObject({ problem: { kind: 'forbidden', lacks: '+publish' } });
    await server.control.call('ACL', 'SETUSER', 'gateway', '+mget', 'resetkeys', '~other:*');
    const keys = expect.stringContaining('keys');
    await expect(store.get('key')).rejects.toMatchObject({ problem: { kind: 'forbidden', lacks: keys } });
  });
});
