import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createRequestGuard, isLoopback, tooLarge } from '../../src/access/request-guard.ts';
import { configSchema, type LockgateFile } from '../../src/config/schema.ts';

const guardOf = (gateway: NonNullable<LockgateFile['gateway']> = {}) =>
  createRequestGuard(configSchema.parse({ gateway }).gateway);
const host = (name: string | undefined, more: object = {}) =>
  ({ headers: { host: name, ...more }, rawHeaders: ['Host', name ?? ''] }) as IncomingMessage;

describe('the Host header', () => {
  const accepted = ['127.0.0.1:3000', 'localhost', 'LOCALHOST:80', '[::1]:3000', 'localhost.:3000'];
  test.each(accepted)('%s reaches a gateway on loopback', (name) => {
    expect(guardOf().check(host(name))).toBeNull();
  });

  const refused = [
    'evil.test',
    'evil.test:3000',
    '192.168.1.5:3000',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    'xlocalhost',
  ];
  test.each(refused)('%s does not', (name) => {
    expect(guardOf().check(host(name))).toMatchObject({ status: 403, reason: 'host' });
  });

  test.each([undefined, '', 'a b', 'a@localhost', 'localhost:x', 'http://localhost'])('%s is none', (name) => {
    expect(guardOf().check(host(name))).toMatchObject({ status: 400 });
  });

  test('is given once', () => {
    const twice = {
      headers: { host: 'localhost' },
      rawHeaders: ['Host', 'localhost', 'accept', 'host', 'hOST', 'evil.test'],
    };
    expect(guardOf({ allowedHosts: ['*'] }).check(twice)).toMatchObject({ status: 400, reason: 'host' });
    expect(guardOf().check({ ...twice, rawHeaders: twice.rawHeaders.slice(0, 4) })).toBeNull();
  });

  test('may be what the configuration names: address, public address, more names, any', () => {
    expect(guardOf({ listen: '10.0.0.7:1' }).check(host('10.0.0.7:1'))).toBeNull();
    expect(guardOf({ publicUrl: 'https://gw.test/x' }).check(host('gw.test'))).toBeNull();
    expect(guardOf({ allowedHosts: ['Gate.Test'] }).check(host('gate.test:9'))).toBeNull();
    expect(guardOf({ allowedHosts: ['*'] }).check(host('anything.test'))).toBeNull();
  });

  test('may be any address, yet no name, where the gateway listens on all of them', () => {
    const guard = guardOf({ listen: '0.0.0.0:1' });
    expect(guard.check(host('192.168.1.5:1'))).toBeNull();
    expect(guard.check(host('[fe80::1]:1'))).toBeNull();
    expect(guard.check(host('evil.test:1'))).toMatchObject({ status: 403 });
  });
});

describe('the Origin header', () => {
  test.each(['http://localhost:6274', 'http://127.0.0.1:1', 'https://[::1]:1'])(
    '%s may call from this machine',
    (origin) => {
      expect(guardOf().check(host('localhost', { origin }))).toBeNull();
      expect(guardOf().corsHeaders(host('localhost', { origin }))).toMatchObject({
        'access-control-allow-origin': origin,
      });
    },
  );

  const foreign = [
    'http://evil.test',
    'null',
    'http://localhost.evil.test',
    'file://localhost',
    'chrome-extension://x',
    'http://evil@localhost',
    'http://evil.test:80@localhost',
    'http://localhost:1@evil.test',
    'http://localhost/',
    'http://localhost/x',
    'http://localhost?x',
    'http://localhost#x',
    'http:localhost',
    'http:\\\\localhost',
    'http://localhost, http://localhost',
    ' http://localhost',
    'http://loc\tal\nhost',
    'http://%6cocalhost',
    'http://127.1',
    'http://*',
    '',
  ];
  test.each(foreign)('"%s" may not, and is told nothing', (origin) => {
    expect(guardOf().check(host('localhost', { origin }))).toMatchObject({ status: 403, reason: 'origin' });
    expect(guardOf().corsHeaders(host('localhost', { origin }))).toEqual({});
  });

  test('may be named, as a whole origin', () => {
    const guard = guardOf({ allowedOrigins: ['https://app.test/'] });
    expect(guard.check(host('localhost', { origin: 'https://app.test' }))).toBeNull();
    expect(guard.check(host('localhost', { origin: 'http://app.test' }))).toMatchObject({ status: 403 });
    expect(guardOf({ allowedOrigins: ['*'] }).check(host('localhost', { origin: 'http://x.test' }))).toBeNull();
  });

  test('is absent from programs, which get no headers for pages', () => {
    expect(guardOf().corsHeaders(host('localhost'))).toEqual({});
  });
});

test('a body that says it is longer than the limit is refused before it comes', () => {
  const guard = guardOf({ limits: { maxBodyBytes: 4 } });
  expect(guard.check(host('localhost', { 'content-length': '5' }))).toMatchObject({ status: 413 });
  expect(guard.check(host('localhost', { 'content-length': '4' }))).toBeNull();
  expect(tooLarge(4)).toMatchObject({ status: 413, reason: 'body-size', headers: { connection: 'close' } });
});

test('loopback is all of 127/8, ::1 and localhost', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', '127.evil.test', 'example.test'].some(isLoopback)).toBe(false);
});
