import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createRedactor } from '../../src/config/secrets.ts';
import { examineSharedState } from '../../src/doctor/examine-shared-state.ts';
import { createGateway } from '../../src/gateway.ts';
import { silentLogger } from '../../src/logger.ts';
import { openStore } from '../../src/state/open-store.ts';
import { noRedis, RedisServer } from '../state/redis/redis-server.ts';

const redact = createRedactor([]);

describe.skipIf(noRedis !== undefined)('the doctor looks at a Redis that gateways share', () => {
  test('and says which of them are configured in another way, in which sections, and that none of it lies there', async () => {
    await using redis = await RedisServer.start();
    const config = (limits: object) => ({
      gateway: { listen: '127.0.0.1:0', state: { redis: { url: redis.url } } },
      mcpServers: { secretive: { url: 'http://127.0.0.1:9/mcp' } },
      limits,
    });
    const examined = (limits: object) => examineSharedState({ config: parseConfig(config(limits)), redact });
    expect(await examined({})).toMatchObject([{ status: 'ok', message: expect.stringContaining('no gateway') }]);
    await using gateway = await createGateway(config({ all: { calls: 5, per: 'minute' } }));
    await gateway.listen();
    await using asking = new AsyncDisposableStack();
    const listening = redis.control.duplicate().on('error', () => undefined);
    asking.defer(() => listening.disconnect());
    const said: string[] = [];
    listening.on('pmessage', (_pattern, _channel, message: string) => void said.push(message));
    await listening.psubscribe('*');
    await expect
      .poll(() => examined({}), { timeout: 15_000 })
      .toMatchObject([
        { status: 'ok', message: expect.stringContaining('one gateway has this prefix') },
        { status: 'warning', message: expect.stringContaining('differs in limits'), remedy: expect.any(String) },
      ]);
    expect(await examined({ all: { calls: 5, per: 'minute' } })).toMatchObject([{ status: 'ok' }]);
    expect(said.filter((message) => message.includes('configuration')).length).toBeGreaterThan(1);
    const kept = await redis.control.mget(await redis.control.keys('*'));
    expect([...said, ...kept].filter((text) => /secretive|minute/.test(text ?? ''))).toEqual([]);
  });

  test('and warns of one that may throw records away, with what to set', async () => {
    await using redis = await RedisServer.start('--maxmemory-policy', 'allkeys-lru');
    const config = parseConfig({ gateway: { state: { redis: { url: redis.url } } } });
    expect(await examineSharedState({ config, redact })).toMatchObject([
      { status: 'ok' },
      {
        status: 'warning',
        message: expect.stringContaining('"allkeys-lru"'),
        remedy: expect.stringContaining('maxmemory-policy noeviction'),
      },
    ]);
    await redis.control.config('SET', 'maxmemory-policy', 'noeviction');
    expect(await examineSharedState({ config, redact })).toMatchObject([{ status: 'ok' }]);
  });

  test.each([
    ['without a password', '', 'NOAUTH: it wants a password', 'redis://:password@host'],
    ['with a wrong password', ':wrong@', 'WRONGPASS: it has no user of this name', 'correct user and password'],
    ['with a user that it does not have', 'nobody:right@', 'WRONGPASS', 'correct user and password'],
    [
      'with a user who may not do enough',
      'poor:right@',
      'NOPERM: the access list of its user lacks',
      'ACL SETUSER <user> ',
    ],
    ['where it is a replica', ':right@', 'READONLY: it is a replica', 'name the primary'],
  ])('and says in plain words why it is refused %s, and what to do', async (_what, user, cause, remedy) => {
    await using redis = await RedisServer.start();
    if (cause.startsWith('READONLY')) await redis.control.replicaof('127.0.0.1', 1);
    await redis.control.call('ACL', 'SETUSER', 'poor', 'on', '>right', '+get', '+info', '~*');
    await redis.control.config('SET', 'requirepass', 'right');
    const url = redis.url.replace('//', `//${user}`);
    const state = { redis: { url } };
    const [found] = await examineSharedState({ config: parseConfig({ gateway: { state } }), redact });
    expect(found).toMatchObject({
      status: 'failure',
      message: expect.stringContaining(cause),
      remedy: expect.stringContaining(remedy),
    });
    expect(JSON.stringify(found)).not.toMatch(/right|wrong|nobody|poor/);
    const refused = openStore(
      { redis: { url, prefix: 'lockgate:' }, onStateLoss: 'refuse' },
      { now: () => 0, logger: silentLogger },
    );
    await expect(refused).rejects.toThrow(cause.startsWith('NOPERM') ? /NOPERM/ : cause);
    await expect(refused).rejects.not.toThrow(/start it/);
  });
});

test('a Redis that is not there is a failure, or a warning where memory stands in for it', async () => {
  for (const [onStateLoss, status] of [
    ['refuse', 'failure'],
    ['memory', 'warning'],
  ] as const) {
    const state = { redis: { url: 'redis://127.0.0.1:9' }, onStateLoss };
    const found = await examineSharedState({ config: parseConfig({ gateway: { state } }), redact });
    expect(found).toMatchObject([{ check: 'state', subject: 'gateway.state', status, remedy: expect.any(String) }]);
  }
});
