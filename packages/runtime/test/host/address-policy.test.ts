import type { LookupAddress } from 'node:dns';
import { fetchEchoGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { AddressPolicy } from '../../src/host/address-policy.ts';
import type { Isolation, Lookup } from '../../src/index.ts';
import { openPlugin } from '../open-plugin.ts';
import { startWebServer, type WebServer } from './web-server.ts';

const guest = fetchEchoGuest();

const NAMES: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1'],
  'rebound.test': ['127.0.0.1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'mixed.test': ['169.254.169.254', '10.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'six.test': ['::1'],
  'unique-local.test': ['fd00:ec2::254'],
  'nowhere.test': [],
};

const lookup: Lookup = async (hostname) => {
  const found = NAMES[hostname.replace(/\.$/, '')];
  if (!found) throw new Error(`no such name: ${hostname}`);
  return found.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
};

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(
  allow: readonly string[],
  url: string,
  options: { lookup?: Lookup; isolation?: Isolation } = {},
): Promise<Answer> {
  const { isolation = 'inline' } = options;
  const runtimeOptions = { lookup: options.lookup ?? lookup };
  await using opened = await openPlugin(guest, { isolation, http: { allow } }, runtimeOptions);
  const { data } = await opened.plugin.execute('fetch-url', { message: url });
  return JSON.parse(data.slice('response:'.length)) as Answer;
}

/** What the policy says; a request that merely failed says something else. */
const REFUSAL = /only http|not public|cannot be asked|cannot be read|has no address/;

/** Every way to write a place of this machine or its network; `PORT` is that of a server that must not hear of it. */
const FORBIDDEN = [
  'http://127.0.0.1:PORT/',
  'http://127.0.0.1.:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.0.0.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://017700000001:PORT/',
  'http://127.255.255.254:PORT/',
  'http://0.0.0.0:PORT/',
  'http://0:PORT/',
  'http://[::1]:PORT/',
  'http://[::]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'http://[::127.0.0.1]:PORT/',
  'http://[64:ff9b::7f00:1]:PORT/',
  'http://[64:ff9b:1::7f00:1]:PORT/',
  'http://[2002:7f00:1::]:PORT/',
  'http://[2001::1]:PORT/',
  'http://[fe80::1]:PORT/',
  'http://[fec0::1]:PORT/',
  'http://[fd00:ec2::254]/',
  'http://[ff02::1]/',
  'http://localhost:PORT/',
  'http://localhost.:PORT/',
  'http://LOCALHOST:PORT/',
  'http://rebound.test:PORT/',
  'http://rebound.test.:PORT/',
  'http://mapped.test:PORT/',
  'http://mixed.test/',
  'http://six.test:PORT/',
  'http://unique-local.test/',
  'http://metadata.google.internal/',
  'http://169.254.169.254/latest/meta-data/',
  'http://168.63.129.16/',
  'http://100.100.100.200/',
  'http://192.0.0.192/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://198.18.0.1/',
  'http://192.0.2.1/',
  'http://224.0.0.1/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  'http://nowhere.test/',
  'http://user:secret@127.0.0.1:PORT/',
  'http://\u2460\u2461\u2466.\u2460:PORT/',
  'ftp://127.0.0.1:PORT/',
  'file:///etc/passwd',
  'data:text/plain,hello',
  'http://',
  'not a url',
];

describe('a guest that may ask any public host', () => {
  test.each(FORBIDDEN)('cannot reach %s', async (url) => {
    await using server = await startWebServer();
    const answer = await ask(['*'], url.replace('PORT', String(server.port)));
    expect(answer).toMatchObject({ status: 0, body: expect.stringMatching(REFUSAL) });
    expect(server.requests).toEqual([]);
  });

  test.each(['301', '302', '303', '307', '308'])('is not led there by a redirect with status %s', async (status) => {
    await using secret = await startWebServer();
    await using server = await startWebServer((_request, response) => {
      response.writeHead(Number(status), { location: `http://127.0.0.1:${secret.port}/` }).end();
    });
    // The port is granted, so that the first hop can be reached at all; the other port is not.
    const answer = await ask(['*', `127.0.0.1:${server.port}`], `http://127.0.0.1:${server.port}/`);
    expect(answer.status).toBe(0);
    expect([server.requests.length, secret.requests.length]).toEqual([1, 0]);
  });

  test('is answered what was refused in a worker as well', async () => {
    await using server = await startWebServer();
    const answer = await ask(['*'], `http://127.0.0.1:${server.port}/`, { isolation: 'worker' });
    expect(answer).toMatchObject({ status: 0, body: expect.stringContaining('not public') });
    expect(server.requests).toEqual([]);
  });
});

describe('a grant', () => {
  const reached = { status: 200, body: 'reached' };
  const url = (host: string, server: WebServer): string => `http://${host}:${server.port}/`;

  test.each([
    ['an address', ['127.0.0.1'], '127.0.0.1'],
    ['an address however it is written', ['127.0.0.1'], '2130706433'],
    ['an address in another notation', ['127.1'], '127.0.0.1'],
    ['a range', ['127.0.0.0/8'], '127.0.0.1'],
    ['the mapped form of an address that is granted', ['127.0.0.1'], '[::ffff:127.0.0.1]'],
    ['localhost', ['localhost'], 'localhost'],
    ['localhost with a dot', ['localhost'], 'LOCALHOST.'],
    ['a name at a granted address', ['rebound.test', '127.0.0.1'], 'rebound.test'],
    ['any name at a granted address', ['*', '127.0.0.1'], 'rebound.test'],
    ['subdomains at a granted address', ['*.test', '127.0.0.0/8'], 'rebound.test'],
  ])('of %s lets the guest in', async (_what, allow, host) => {
    await using server = await startWebServer();
    await expect(ask(allow, url(host, server))).resolves.toMatchObject(reached);
  });

  test.each([
    ['nothing', [], '127.0.0.1'],
    ['another address', ['127.0.0.2'], '127.0.0.1'],
    ['another port', ['127.0.0.1:1'], '127.0.0.1'],
    ['an address, for a name that is not granted', ['127.0.0.1'], 'rebound.test'],
    ['a name, for its address', ['localhost'], '127.0.0.1'],
    ['a name, at an address that is not public', ['rebound.test'], 'rebound.test'],
    ['localhost, for another name at loopback', ['localhost', 'rebound.test'], 'rebound.test'],
    ['subdomains, for the domain itself', ['*.rebound.test', '127.0.0.1'], 'rebound.test'],
    ['a name that only ends alike', ['*.bound.test', '127.0.0.1'], 'rebound.test'],
  ])('of %s keeps it out', async (_what, allow, host) => {
    await using server = await startWebServer();
    await expect(ask(allow, url(host, server))).resolves.toMatchObject({ status: 0 });
    expect(server.requests).toEqual([]);
  });

  test.each([
    '',
    ' ',
    'http://example.com',
    'exa mple.com',
    '*.10.0.0.1',
    'a.*.com',
    '10.0.0.0/33',
    'host/path',
    'user@host',
  ])('written %j is a mistake of the program', (grant) => {
    expect(() => new AddressPolicy([grant])).toThrow(TypeError);
  });
});

test('the address that was checked is the one connected to: a name is resolved once for each connection', async () => {
  await using server = await startWebServer();
  const answers = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  let lookups = 0;
  const rebinding: Lookup = async () => [{ address: answers[lookups++] ?? '', family: 4 }];
  const answer = await ask(['rebound.test', '127.0.0.1'], `http://rebound.test:${server.port}/`, { lookup: rebinding });
  expect(answer.status).toBe(200);
  expect(lookups).toBe(1);
});

test('a public address is reached by name and by number', () => {
  const policy = new AddressPolicy(['api.example.com', '*.example.org:8443', '93.184.216.34']);
  const refusal = (href: string): string | undefined => policy.refusalOfUrl(new URL(href))?.reason;
  expect(refusal('https://API.example.com./v1')).toBeUndefined();
  expect(refusal('https://a.b.example.org:8443/')).toBeUndefined();
  expect(refusal('https://a.example.org/')).toContain('not at 443');
  expect(refusal('http://93.184.216.34:81/')).toBeUndefined();
  expect(refusal('http://93.184.216.35/')).toContain('not granted');
  expect(policy.refusalOfAddress('api.example.com', '93.184.216.34', '443')).toBeUndefined();
  expect(policy.refusalOfAddress('api.example.com', '2606:2800:220:1::1', '443')).toBeUndefined();
  expect(policy.refusalOfAddress('api.example.com', 'not an address', '443')?.reason).toContain('cannot be read');
});

test('a host that is granted at another port is told with that port', () => {
  const policy = new AddressPolicy(['localhost:9', '*.example.org:8443', '10.1.2.3:80', '[fd00::1]:80']);
  const refusal = (href: string): string | undefined => policy.refusalOfUrl(new URL(href))?.reason;
  expect(refusal('http://localhost:43119/')).toBe(
    'the host "localhost" is granted at port 9 alone, not at 43119; add "localhost:43119" to "hosts"',
  );
  expect(refusal('https://a.example.org/')).toContain('is granted at port 8443 alone, not at 443');
  expect(refusal('http://10.1.2.3:8080/')).toContain('"10.1.2.3" is granted at port 80 alone, not at 8080');
  expect(refusal('http://[fd00::1]:8080/')).toContain('add "[fd00::1]:8080" to "hosts"');
  expect(policy.refusalOfAddress('localhost', '127.0.0.1', '43119')?.reason).toContain('not public');
  expect(policy.refusalOfAddress('some.test', '10.1.2.3', '8080')?.reason).toContain('granted at port 80 alone');
});
