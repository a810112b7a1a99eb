import { describe, expect, test } from 'vitest';
import { isRevoked } from '../../src/access/revoked.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';

type AuthKeys = NonNullable<NonNullable<LockgateFile['gateway']>['auth']>;
const tls = { cert: 'c', key: 'k', clientCa: 'ca' };
const parse = (auth: AuthKeys | undefined) => configSchema.parse({ gateway: { tls, auth } });
const key = (name: string, more: object = {}) => ({ name, key: name.repeat(32), ...more });
const jwt = { issuer: 'https://as.test', audience: 'gw' };

describe('a principal keeps its sessions', () => {
  const before = { apiKeys: [key('a'), key('b')], jwt };
  const cases: [string, AuthKeys | undefined, AuthKeys | undefined, string, boolean][] = [
    ['when another key is added', before, { ...before, apiKeys: [...before.apiKeys, key('c')] }, 'a', true],
    ['when another key goes', before, { ...before, apiKeys: [key('b')] }, 'b', true],
    ['not when its own goes', before, { ...before, apiKeys: [key('b')] }, 'a', false],
    [
      'not when its key is another',
      before,
      { ...before, apiKeys: [key('a', { key: 'x'.repeat(32) }), key('b')] },
      'a',
      false,
    ],
    ['not when it opens less', before, { ...before, apiKeys: [key('a', { servers: ['x'] }), key('b')] }, 'a', false],
    ['when keys change but it came by a token', before, { jwt }, 'jwt:a', true],
    ['not when tokens are judged otherwise', before, { ...before, jwt: { ...jwt, audience: 'other' } }, 'jwt:a', false],
    [
      'not when certificates become a list',
      {},
      { clientCertificates: [{ name: 'r', commonName: 'r' }] },
      'cert:r',
      false,
    ],
    ['not when nobody was asked and now is', undefined, before, 'anonymous', false],
    ['when nothing changes', before, { ...before }, 'a', true],
    ['when it holds the pipe', before, undefined, 'stdio', true],
  ];
  test.each(cases)('%s', (_, one, other, principal, keeps) => {
    expect(isRevoked({ name: principal }, parse(one), parse(other))).toBe(!keeps);
  });
});

test('a principal keeps its sessions while what its roles say is the same', () => {
  const roles = { reader: { tools: { allow: ['a/*'] } }, writer: { tools: { allow: ['*'] } } };
  const before = configSchema.parse({ roles });
  const after = configSchema.parse({ roles: { ...roles, writer: { tools: { allow: ['b/*'] } } } });
  const kept = [['reader'], ['reader', 'writer'], []].map(
    (of) => !isRevoked({ name: 'stdio', roles: of }, before, after),
  );
  expect(kept).toEqual([true, false, true]);
});
