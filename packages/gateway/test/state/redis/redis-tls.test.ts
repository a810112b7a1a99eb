import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { openRedisStore } from '../../../src/state/redis/open-redis-store.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { noRedis, RedisServer } from './redis-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockgate-redis-tls-'));
const file = (name: string): string => join(folder, name);

const noTls = noRedis ?? whyNoOpenssl();
if (noTls !== noRedis) console.warn(`skipped: Redis over TLS: ${noTls}`);

function whyNoOpenssl(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no openssl here to make certificates with';
  }
}

/** An authority of the test's own, and what it has signed. */
function makeCertificates(): void {
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const ca of ['ca', 'other-ca'])
    openssl('req', '-x509', ...key, '-keyout', `${ca}.key`, '-out', `${ca}.pem`, '-days', '2', '-subj', `/CN=${ca}`);
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
  for (const name of ['server', 'gateway']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed);
  }
}

const open = (port: number, tls: object): Promise<StateStore> =>
  openRedisStore({ url: `rediss://127.0.0.1:${port}`, prefix: 'tls:', tls }, silentLogger);

describe.skipIf(noTls !== undefined)('a Redis over TLS', () => {
  beforeAll(makeCertificates);

  test('is used with its authority and a certificate of the gateway, and is refused without either, with the reason', async () => {
    const tls = ['--tls-cert-file', file('server.pem'), '--tls-key-file', file('server.key')];
    await using server = await RedisServer.start(...tls, '--tls-ca-cert-file', file('ca.pem'));
    const port = await server.listenWithTls();
    const own = { cert: file('gateway.pem'), key: file('gateway.key') };
    await using store = await open(port, { ca: file('ca.pem'), ...own });
    const heard = Promise.withResolvers<unknown>();
    await store.subscribe('news', { message: heard.resolve });
    await store.put('key', { value: 'kept' });
    await store.publish('news', 'over TLS');
    expect(await heard.promise).toBe('over TLS');
    expect(await store.get('key')).toMatchObject({ value: 'kept' });
    const code = 'GATEWAY_STATE';
    const refusals = [
      [{ ca: file('other-ca.pem'), ...own }, /UNABLE_TO|SELF_SIGNED|CERT_SIGNATURE/],
      [{ ca: file('ca.pem') }, /CERTIFICATE_REQUIRED/],
    ] as const;
    await Promise.all(
      refusals.map(([files, why]) =>
        expect(open(port, files)).rejects.toMatchObject({ code, message: expect.stringMatching(why) }),
      ),
    );
  });

  test.each([
    ['ca', { ca: '/no/ca.pem' }, /\/no\/ca\.pem: there is no such file/],
    ['ca', { ca: file('ca.key') }, /no certificate in PEM.*BEGIN CERTIFICATE/],
    ['cert', { cert: file('gateway.key'), key: file('gateway.pem') }, /exchange "cert" and "key"/],
    ['key', { cert: file('gateway.pem'), key: file('server.key') }, /not the one of the certificate/],
  ])(
    'is not opened with files for "%s" that cannot be used, and the message names them (%j)',
    async (name, tls, why) => {
      const opening = open(1, tls);
      await expect(opening).rejects.toMatchObject({ code: 'GATEWAY_CONFIG', message: expect.stringMatching(why) });
      await expect(opening).rejects.toThrow(`gateway.state.redis.tls.${name}: `);
    },
  );
});
