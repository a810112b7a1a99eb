import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { newKey, readKeyRing } from '../../src/login/key-ring.ts';
import { Logins } from '../../src/login/logins.ts';
import { openVault } from '../../src/login/open-vault.ts';
import { open, seal } from '../../src/login/sealing.ts';
import type { SharedVault } from '../../src/login/shared-vault.ts';
import { Records } from '../../src/state/records.ts';
import { openRedisStore } from '../../src/state/redis/open-redis-store.ts';
import { sealedRecords } from '../../src/state/sealed-record.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import { serveLogin } from '../fixtures/login-server.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';

/** The whole number is run by hand: `LOCKGATE_RACES=10000`. */
const RACES = Number(process.env.LOCKGATE_RACES ?? 60);
const HOLDERS = 20;
const DAYS_2 = 2 * 86_400_000;

/** The logins of two gateways of one process, each with a connection and a folder of its own. */
async function twoGateways(redis: RedisServer, server: { readonly url: string }, otherKey?: string) {
  await using opening = new AsyncDisposableStack();
  const key = newKey();
  const clock = { later: 0 };
  const now = (): number => Date.now() + clock.later;
  const dirs: string[] = [];
  const made: { readonly logins: Logins; readonly store: StateStore }[] = [];
  for (const name of ['one', 'two']) {
    const dir = mkdtempSync(join(tmpdir(), `lockgate-shared-${name}-`));
    dirs.push(dir);
    opening.defer(() => rmSync(dir, { recursive: true, force: true }));
    const store = opening.use(await openRedisStore({ url: redis.url, prefix: 'logins:' }, silentLogger));
    const own = name === 'two' ? (otherKey ?? key) : key;
    const openOwn = () => openVault({ dir, key: own }, now, undefined, store);
    const logins = new Logins({
      store,
      openVault: openOwn,
      isGuarded: () => false,
      subjectToken: () => undefined,
      now,
      logger: silentLogger,
    });
    const entry = { type: 'http', url: server.url, headers: {}, credential: 'user', auth: undefined };
    logins.configure('any', entry as never);
    made.push({ logins, store });
  }
  const [one, two] = made as [(typeof made)[number], (typeof made)[number]];
  const logIn = async (at: Logins, holder: string): Promise<void> => {
    const begun = await at.begin('any', holder, { redirectUri: 'http://127.0.0.1/back' });
    const sent = await fetch(`${begun.url}&as=${holder}`, { redirect: 'manual' });
    await at.finish(new URL(sent.headers.get('location') ?? '').searchParams, undefined);
  };
  const tokenOf = async (at: Logins, holder: string): Promise<string> => {
    const { authorization = '' } = await at.credential('any', holder).headers();
    return authorization.replace('Bearer ', '');
  };
  /** The vault of the first as a rotation opens it. */
  const openWith = async (keys: string): Promise<SharedVault> =>
    (await openVault({ dir: dirs[0] ?? '', key: keys }, now, undefined, one.store)) as SharedVault;
  const owned = opening.move();
  return { one, two, openWith, key, clock, logIn, tokenOf, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe.skipIf(noRedis !== undefined)('logins of gateways that share their state', () => {
  test(`of two gateways that renew one login at the same moment one does, ${RACES} times, and no login is lost where a token counts once`, async () => {
    await using redis = await RedisServer.start();
    await using server = await serveLogin({ isStrict: true });
    await using it = await twoGateways(redis, server);
    const { one, two, clock, logIn, tokenOf } = it;
    const holders = Array.from({ length: HOLDERS }, (_, index) => `user${index}`);
    for (const [index, holder] of holders.entries()) await logIn(index % 2 === 0 ? one.logins : two.logins, holder);
    const before = server.refreshes();
    let races = 0;
    while (races < RACES) {
      clock.later += DAYS_2;
      await Promise.all(
        holders.map(async (holder) => {
          const [here, there] = await Promise.all([one, two].map(({ logins }) => tokenOf(logins, holder)));
          expect([here, server.userOf(here ?? '')]).toEqual([there, holder]);
        }),
      );
      races += HOLDERS;
    }
    expect(server.refreshes() - before).toBe(races);
  }, 3_600_000);

  test('one that is ended at a gateway has ended at the others, where a copy of it lies, and another one may follow', async () => {
    await using redis = await RedisServer.start();
    // What is not revoked would go on: the gateways alone keep it from that.
    await using server = await serveLogin({ metadata: { revocation_endpoint: undefined } });
    await using it = await twoGateways(redis, server);
    const { one, two, clock, logIn, tokenOf } = it;
    await logIn(one.logins, 'alice');
    await tokenOf(two.logins, 'alice');
    clock.later += DAYS_2;
    await tokenOf(two.logins, 'alice'); // which keeps a copy of what it has renewed
    await one.logins.disconnect('any', 'alice');
    // At once, and not only when the token ends that the other one holds: it asks without any, until the server wants one.
    await expect.poll(() => tokenOf(two.logins, 'alice')).toBe('');
    clock.later += DAYS_2;
    expect(await tokenOf(two.logins, 'alice')).toBe('');
    await logIn(one.logins, 'alice');
    await expect.poll(async () => server.userOf(await tokenOf(two.logins, 'alice'))).toBe('alice');
    expect(JSON.stringify(await redis.control.mget(await redis.control.keys('*')))).not.toMatch(/access-|refresh-/);
  });

  test('are sealed anew in the store as well, and open with the new key alone', async () => {
    await using redis = await RedisServer.start();
    await using server = await serveLogin();
    await using it = await twoGateways(redis, server);
    const { one, logIn } = it;
    await logIn(one.logins, 'alice');
    const next = newKey();
    // The login and the client that it was made with, in the folder and in the store.
    const rotating = await it.openWith(`${next}\n${it.key}`);
    expect(await rotating.reseal()).toEqual({ sealed: 4, unreadable: 0 });
    const kept = await new Records(one.store, sealedRecords).get(['credential', 'any', 'alice']);
    const name = JSON.stringify(['credential', 'any', 'alice']);
    expect(open(kept && 'sealed' in kept ? kept.sealed : ({} as never), name, readKeyRing(next, 'the test'))).toContain(
      'access-alice',
    );
  });

  test('that have other keys are told what is wrong, and one that somebody has damaged is as good as none', async () => {
    await using redis = await RedisServer.start();
    await using server = await serveLogin();
    await using it = await twoGateways(redis, server, newKey());
    const { one, two, logIn, tokenOf } = it;
    await logIn(one.logins, 'alice');
    await expect(logIn(two.logins, 'alice')).rejects.toThrow(/the same key, in "gateway\.vault\.key"/);
    const kept = ['credential', 'any', 'alice'];
    const damaged = { sealed: seal('{}', JSON.stringify(['another', ...kept]), readKeyRing(it.key, 'the test')) };
    await new Records(one.store, sealedRecords).put(kept, damaged);
    expect(server.userOf(await tokenOf(one.logins, 'alice'))).toBe('alice');
  });

  test('is not renewed while the store cannot be asked, and is not lost by that', async () => {
    await using redis = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always');
    await using server = await serveLogin({ isStrict: true });
    await using it = await twoGateways(redis, server);
    const { one, two, clock, logIn, tokenOf } = it;
    await logIn(one.logins, 'alice');
    await tokenOf(one.logins, 'alice');
    await redis.kill();
    clock.later += DAYS_2;
    await expect(tokenOf(one.logins, 'alice')).rejects.toMatchObject({ code: 'GATEWAY_LOGIN_UNAVAILABLE' });
    expect(server.refreshes()).toBe(0);
    await redis.startAgain();
    clock.later += DAYS_2;
    await expect.poll(() => tokenOf(two.logins, 'alice').then(server.userOf, () => 'nobody')).toBe('alice');
    clock.later += DAYS_2;
    await expect.poll(() => tokenOf(one.logins, 'alice').then(server.userOf, () => 'nobody')).toBe('alice');
  });
});
