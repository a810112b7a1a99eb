import { describe, expect, test } from 'vitest';
import { parseJsonConfig } from '../../src/config/json-config.ts';
import { type ResolvedConfig, resolveConfig } from '../../src/config/resolve.ts';

function resolved(state: object): ResolvedConfig {
  const text = parseJsonConfig(JSON.stringify({ mcpServers: {}, gateway: { state } }), 'lockgate.json');
  return resolveConfig({ text, folder: '/etc/lockgate', flags: {}, environment: {}, workingFolder: '/home/me' });
}

describe('state that gateways share', () => {
  test('has its files beside the configuration, and its password among the secrets', () => {
    const redis = { url: 'rediss://me:a%20password@redis.test:6380/2', tls: { ca: 'ca.pem' } };
    const { config, secrets } = resolved({ redis });
    expect(config.gateway.state).toEqual({
      redis: { ...redis, prefix: 'lockgate:', tls: { ca: '/etc/lockgate/ca.pem' } },
      onStateLoss: 'refuse',
    });
    expect(secrets).toEqual(expect.arrayContaining(['a%20password', 'a password']));
  });

  test.each([
    ...[
      'http://redis.test',
      'redis://redis.test/two',
      'redis://redis.test/0/1',
      'redis://redis.test?db=1',
      'redis://redis.test#1',
      'redis://:open/sesame@redis.test',
      'redis://:open%sesame@redis.test',
      'redis://open%sesame:word@redis.test',
      '',
    ].map((url): [object, RegExp] => [
      { redis: { url } },
      /^lockgate\.json:\S* gateway\.state\.redis\.url: expected redis:\S+ or the same with rediss:, where database is a number;.*%40"$/,
    ]),
    [
      { redis: { url: 'redis://redis.test', tls: {} } },
      /gateway\.state\.redis\.tls: needs an address that begins with "rediss:"/,
    ],
    [{ redis: { url: 'rediss://redis.test', tls: { cert: 'a' } } }, /"cert" and "key" go together/],
    [{ onStateLoss: 'memory' }, /gateway\.state\.redis/],
  ])('is refused as %j', (section, reason) => {
    expect(() => resolved(section)).toThrow(reason);
  });

  test.each([
    { gateway: { state: { redis: { url: 'rdis://me:open-sesame@redis.test' } } } },
    { gateway: { state: { redis: { url: 'redis://me:open-sesame@' } } } },
    { gateway: { state: { redis: { url: 'redis://me:%open-sesame@redis.test' } } } },
    { gateway: { tracing: { endpoint: 'http://me:open-sesame@[traces.test' } } },
  ])('never says the password of an address that cannot be used: %j', (file) => {
    const text = parseJsonConfig(JSON.stringify({ mcpServers: {}, ...file }), 'lockgate.json');
    const resolve = () =>
      resolveConfig({ text, folder: '/etc/lockgate', flags: {}, environment: {}, workingFolder: '/home/me' });
    expect(resolve).toThrow(/expected (redis|an address)/);
    expect(resolve).not.toThrow(/sesame/);
  });
});
