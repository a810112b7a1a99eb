import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeHttpResponse, type HttpFailureKind, type HttpOutcome } from '@lockgate/abi';
import { Gate } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { AddressPolicy } from '../../src/host/address-policy.ts';
import { HttpFailure, httpFailureOf } from '../../src/host/http-failure.ts';
import { HttpHost, type HttpHostSetup } from '../../src/host/http-request.ts';
import { startWebServer } from './web-server.ts';

const never = new AbortController().signal;

async function outcomeOf(
  request: object | string,
  setup: Partial<HttpHostSetup> = {},
  signal: AbortSignal = never,
): Promise<HttpOutcome> {
  const policy = new AddressPolicy(['127.0.0.1', '*.test', 'any.invalid']);
  const host = new HttpHost({ policy, maxResponseBytes: 100, maxConcurrent: 1, ...setup });
  try {
    return decodeHttpResponse(
      await host.request(typeof request === 'string' ? request : JSON.stringify(request), signal),
    );
  } finally {
    await host.close();
  }
}

async function ofServer(listener: RequestListener, request: object = {}): Promise<HttpOutcome> {
  await using server = await startWebServer(listener);
  return await outcomeOf({ url: `http://127.0.0.1:${server.port}/`, ...request });
}

/** What is asked of something that takes connections. */
async function ofSocket(taken: (socket: Socket) => void, scheme = 'http'): Promise<HttpOutcome> {
  return await listening(createServer(taken), (port) => outcomeOf({ url: `${scheme}://127.0.0.1:${port}/` }));
}

async function listening<T>(server: Server, use: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** A port at which nobody listens any more. */
const freePort = (): Promise<number> => listening(createServer(), async (port) => port);
const code = (name: string): Error => Object.assign(new Error(`it says ${name}`), { code: name });
const said = ({ body }: HttpOutcome): string => new TextDecoder().decode(body);

describe('a request that comes to nothing says which kind of failure that is', () => {
  test.each<[what: string, kind: HttpFailureKind, words: RegExp, ask: () => Promise<HttpOutcome>]>([
    ['a host that is not granted', 'denied', /not granted/, () => outcomeOf({ url: 'http://other.example/' })],
    ['an address that is not public', 'prohibited-address', /not public/, () => outcomeOf({ url: 'http://10.0.0.1/' })],
    [
      'a name that leads to such an address',
      'prohibited-address',
      /not public/,
      () => outcomeOf({ url: 'http://a.test/' }, { lookup: async () => [{ address: '10.0.0.1', family: 4 }] }),
    ],
    ['a URL that is none', 'bad-url', /cannot be read/, () => outcomeOf({ url: 'nowhere' })],
    ['another scheme', 'bad-url', /only http: and https:/, () => outcomeOf({ url: 'ftp://a.test/' })],
    [
      'a method that cannot be sent',
      'bad-method',
      /CONNECT/,
      () => outcomeOf({ url: 'http://a.test/', method: 'CONNECT' }),
    ],
    ['a method that is no word', 'bad-method', /method/, () => outcomeOf({ url: 'http://a.test/', method: 'G T' })],
    ['no JSON', 'bad-request', /\S/, () => outcomeOf('nonsense')],
    [
      'a header in two lines',
      'bad-request',
      /line break/,
      () => outcomeOf({ url: 'http://a.test/', headers: { a: 'b\r\nc' } }),
    ],
    [
      'a name without an address',
      'unknown-name',
      /any\.invalid/,
      () => outcomeOf({ url: 'http://any.invalid/' }, { lookup: () => Promise.reject(code('ENOTFOUND')) }),
    ],
    [
      'a name with none',
      'unknown-name',
      /no address/,
      () => outcomeOf({ url: 'http://a.test/' }, { lookup: async () => [] }),
    ],
    [
      'a resolver that does not answer',
      'name-timeout',
      /in time/,
      () => outcomeOf({ url: 'http://a.test/' }, { lookup: () => Promise.reject(code('EAI_AGAIN')) }),
    ],
    [
      'a port where nobody listens',
      'connection-refused',
      /"127\.0\.0\.1:\d+" refused the connection/,
      async () => outcomeOf({ url: `http://127.0.0.1:${await freePort()}/` }),
    ],
    [
      'an end before the answer',
      'connection-ended',
      /before it answered/,
      () => ofSocket((socket) => void socket.destroy()),
    ],
    [
      'what is no HTTP',
      'protocol',
      /no HTTP/,
      () => ofSocket((socket) => void socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n')),
    ],
    [
      'no TLS',
      'tls',
      /TLS/,
      () => ofSocket((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'https'),
    ],
    [
      'an end within the answer',
      'response-incomplete',
      /within its answer/,
      () =>
        ofServer((_request, response) => {
          response.writeHead(200, { 'content-length': '9' }).write('half', () => response.destroy());
        }),
    ],
    [
      'an answer that is too large',
      'response-too-large',
      /larger than 100 bytes/,
      () => ofServer((_request, response) => void response.end('x'.repeat(101))),
    ],
    [
      'an answer that is not packed as it says',
      'response-encoding',
      /unpacked/,
      () => ofServer((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain')),
    ],
    [
      'no answer in time',
      'response-timeout',
      /within 1 s/,
      () => ofServer(() => {}, { headers: { 'X-Host-Timeout-Seconds': '1' } }),
    ],
    [
      'a redirect to itself',
      'too-many-redirects',
      /10 redirects/,
      () => ofServer((_request, response) => void response.writeHead(302, { location: '/' }).end()),
    ],
    [
      'an injected fetch that fails',
      'other',
      /broken/,
      () => outcomeOf({ url: 'http://a.test/' }, { fetch: () => Promise.reject(new Error('broken')) }),
    ],
  ])('%s: %s', async (_what, kind, words, ask) => {
    const outcome = await ask();
    expect({ status: outcome.status, failure: outcome.failure }).toEqual({ status: 0, failure: kind });
    expect(said(outcome)).toMatch(words);
  });

  test('a certificate that nobody has signed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockgate-certificate-'));
    const paths = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const made = ['-keyout', paths.key, '-out', paths.cert, '-days', '2', '-subj', '/CN=a.test'];
    try {
      execFileSync('openssl', ['req', '-x509', ...key, ...made], { stdio: 'ignore' });
    } catch {
      console.warn('skipped: a certificate that nobody has signed: there is no openssl here to make one with');
      return;
    }
    const server = createTlsServer({ key: readFileSync(paths.key), cert: readFileSync(paths.cert) });
    rmSync(folder, { recursive: true });
    const outcome = await listening(server, (port) => outcomeOf({ url: `https://127.0.0.1:${port}/` }));
    expect(outcome).toMatchObject({ status: 0, failure: 'certificate' });
    expect(said(outcome)).toContain('not trusted');
  });

  test('one request above those at a time, and one whose call was ended', async () => {
    const gate = new Gate();
    const policy = new AddressPolicy(['*.test']);
    const fetch = (_url: string, init?: RequestInit): Promise<Response> =>
      Promise.race([
        gate.pass().then(() => new Response('ok')),
        new Promise<never>((_resolve, reject) =>
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
        ),
      ]);
    const host = new HttpHost({ policy, fetch, maxResponseBytes: 100, maxConcurrent: 1 });
    const ending = new AbortController();
    const asked = host.request('{"url":"http://a.test/"}', ending.signal);
    await gate.reached;
    const second = decodeHttpResponse(await host.request('{"url":"http://a.test/"}', never));
    expect(second.failure).toBe('too-many-requests');
    ending.abort(new Error('the client has gone'));
    expect(decodeHttpResponse(await asked)).toMatchObject({ failure: 'ended' });
    await host.close();
  });
});

test.each<[code: string, kind: HttpFailureKind]>([
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ETIMEDOUT', 'connection-timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connection-timeout'],
  ['CERT_HAS_EXPIRED', 'certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate'],
  ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'tls'],
  ['ENOSUCHCODE', 'other'],
])('the code %s, however deep among the causes, is the failure %s', (name, kind) => {
  const several = new AggregateError([code(name), code('ECONNREFUSED')]);
  for (const cause of [code(name), several])
    expect(httpFailureOf(new TypeError('fetch failed', { cause }), 'a.test', 'sent').kind).toBe(kind);
});

test('a failure with a kind keeps it through whatever wraps it', () => {
  const failure = new HttpFailure('denied', 'no');
  expect(httpFailureOf(new TypeError('fetch failed', { cause: failure }), 'a.test', 'sent')).toBe(failure);
});
