import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createRedactor } from '../../src/config/secrets.ts';
import { examineSharedState } from '../../src/doctor/examine-shared-state.ts';
import { createGateway } from '../../src/gateway.ts';
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
