import { describe, expect, test } from 'vitest';
import { createAccessControl } from '../../src/access/access-control.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';

type GatewayKeys = NonNullable<LockgateFile['gateway']>;
const parse = (gateway: GatewayKeys) => configSchema.parse({ gateway }).gateway;

describe('access control', () => {
  const refusal = 'nobody is asked who they are';
  test.each(['0.0.0.0:1', '[::]:1', '192.168.0.5:1', 'gw.test:1'])('%s is not opened to everybody', (listen) => {
    expect(() => createAccessControl(parse({ listen }))).toThrow(refusal);
    expect(() => createAccessControl(parse({ listen, allowUnauthenticated: true }))).not.toThrow();
    expect(() =>
      createAccessControl(parse({ listen, tls: { cert: 'cert.pem', key: 'key.pem', clientCa: 'ca.pem' } })),
    ).not.toThrow();
    expect(() =>
      createAccessControl(parse({ listen, auth: { apiKeys: [{ name: 'a', key: 'k'.repeat(32) }] } })),
    ).not.toThrow();
    expect(() => createAccessControl(parse({ listen, auth: {} }))).toThrow(refusal);
  });

  test.each(['127.0.0.1:1', '[::1]:1', 'localhost:1', '1'])('%s needs no credential', (listen) => {
    expect(() => createAccessControl(parse({ listen }))).not.toThrow();
  });
});
