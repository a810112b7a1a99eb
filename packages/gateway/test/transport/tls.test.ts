import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type Server } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';
import { createServer, renewCertificates, tlsPeerOf } from '../../src/transport/tls.ts';
import { certificateAuthority, servedFingerprint } from './certificates.ts';

type GatewayKeys = NonNullable<LockgateFile['gateway']>;
const parse = (gateway: GatewayKeys) => configSchema.parse({ gateway }).gateway;

const folder = mkdtempSync(join(tmpdir(), 'lockgate-tls-'));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const serverCa = certificateAuthority('server CA');
const clientCa = certificateAuthority('client CA');
const own = serverCa.issue('gateway');
const tls = { cert: file('cert.pem', own.cert), key: file('key.pem', own.key) };
const withClients = { ...tls, clientCa: file('client-ca.pem', clientCa.cert) };

async function listening(server: Server): Promise<{ port: number } & AsyncDisposable> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function get(port: number, options: RequestOptions): Promise<string> {
  const asked = request({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: serverCa.cert,
    agent: false,
    ...options,
  }).end();
  const [response] = await once(asked, 'response');
  return text(response);
}

describe('TLS', () => {
  test('shows who a client is by its certificate, if its chain leads to the client CA', async () => {
    const server = createServer(parse({ tls: withClients }), (incoming, response) =>
      response.end(JSON.stringify(tlsPeerOf(incoming) ?? null)),
    );
    await using at = await listening(server);
    const robot = clientCa.issue('robot');
    const { fingerprint256 } = robot;
    expect(JSON.parse(await get(at.port, { cert: robot.cert, key: robot.key }))).toEqual({
      fingerprint256,
      commonName: 'robot',
    });
    const stranger = certificateAuthority('client CA').issue('robot');
    expect(await get(at.port, { cert: stranger.cert, key: stranger.key })).toBe('null');
    expect(await get(at.port, {})).toBe('null');
  });

  test('serves renewed certificates to new connections, and goes on with the old ones where the new are no good', async () => {
    const keys = { cert: file('renewed.pem', own.cert), key: file('renewed.key', own.key) };
    const server = createServer(parse({ tls: keys }), (_, response) => response.end('hello'));
    await using at = await listening(server);
    const served = () => servedFingerprint(at.port, serverCa.cert);
    expect(await served()).toBe(own.fingerprint256);
    const next = serverCa.issue('gateway');
    file('renewed.pem', next.cert);
    expect(() => renewCertificates(server, keys)).toThrow(
      'gateway.tls.key: the private key is not the one of the certificate',
    );
    expect(await served()).toBe(own.fingerprint256);
    file('renewed.key', next.key);
    renewCertificates(server, keys);
    expect(await served()).toBe(next.fingerprint256);
  });

  test('older than 1.2 is not spoken', async () => {
    await using at = await listening(createServer(parse({ tls }), (_, response) => response.end('hello')));
    expect(await get(at.port, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })).toBe('hello');
    const old = get(at.port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await expect(old).rejects.toThrow(/protocol|EPROTO|alert/i);
  });

  test.each([
    [
      'a file that is not there',
      { ...tls, key: join(folder, 'none.pem') },
      `gateway.tls.key: cannot read ${join(folder, 'none.pem')}: there is no such file`,
    ],
    [
      'a text that is no PEM',
      { ...tls, cert: file('text.pem', 'hello') },
      'gateway.tls.cert: it holds no certificate in PEM',
    ],
    [
      'a key of another certificate',
      { ...tls, key: file('other.pem', serverCa.issue('x').key) },
      'gateway.tls.key: the private key is not the one of the certificate',
    ],
    [
      'a client CA that is not there',
      { ...tls, clientCa: join(folder, 'none.pem') },
      'gateway.tls.clientCa: cannot read',
    ],
  ])('%s is refused by its key', (_, keys, message) => {
    expect(() => createServer(parse({ tls: keys }), () => {})).toThrow(message);
  });
});

describe('limits', () => {
  const ok = (gateway: GatewayKeys) => createServer(parse(gateway), (_, response) => response.end('ok'));

  test('headers that are too large get 431', async () => {
    await using at = await listening(ok({ limits: { maxHeaderBytes: 1_000 } }));
    const asked = httpRequest({
      host: '127.0.0.1',
      port: at.port,
      headers: { x: 'y'.repeat(2_000) },
      agent: false,
    }).end();
    expect((await once(asked, 'response'))[0].statusCode).toBe(431);
  });

  test.each([
    ['headers', 'POST / HTTP/1.1\r\nhost: x\r\n'],
    ['a body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf'],
  ])('a client that does not finish sending %s is told 408 and cut off', async (_, half) => {
    const server = createServer(parse({ limits: { headersTimeoutMs: 50, requestTimeoutMs: 100 } }), (incoming) =>
      incoming.resume(),
    );
    await using at = await listening(server);
    const socket = connectTcp(at.port, '127.0.0.1').setEncoding('utf8');
    socket.write(half);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408/);
  });

  test('no more connections are held than may be', async () => {
    await using at = await listening(ok({ limits: { maxConnections: 1 } }));
    const first = connectTcp(at.port, '127.0.0.1');
    await once(first, 'connect');
    const second = connectTcp(at.port, '127.0.0.1');
    expect(await text(second)).toBe('');
    first.destroy();
  });
});
