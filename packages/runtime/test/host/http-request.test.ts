import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { fetchEchoGuest, Gate } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { AddressPolicy } from '../../src/host/address-policy.ts';
import { HttpHost, type HttpHostSetup } from '../../src/host/http-request.ts';
import { openPlugin } from '../open-plugin.ts';
import { startWebServer, type WebServer } from './web-server.ts';

const never = new AbortController().signal;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_base64?: string;
}

function hostOf(setup: Partial<HttpHostSetup> = {}): HttpHost {
  const policy = new AddressPolicy(['127.0.0.1', 'localhost', '*.test']);
  return new HttpHost({ policy, maxResponseBytes: 1_000, maxConcurrent: 4, ...setup });
}

async function ask(host: HttpHost, request: object, signal: AbortSignal = never): Promise<Answer> {
  return JSON.parse(await host.request(JSON.stringify(request), signal)) as Answer;
}

/** One request to a server of its own. */
async function askServer(listener: RequestListener, request: object = {}, setup: Partial<HttpHostSetup> = {}) {
  await using server = await startWebServer(listener);
  const host = hostOf(setup);
  try {
    const answer = await ask(host, { url: `http://127.0.0.1:${server.port}/`, ...request });
    return { answer, requests: server.requests };
  } finally {
    await host.close();
  }
}

const echo: RequestListener = (request, response) => {
  request.pipe(response);
};

describe('host_http_request', () => {
  test('gives status, headers and text', async () => {
    const { answer } = await askServer((_request, response) => {
      response.writeHead(404, { 'x-hello': 'there', 'content-type': 'text/plain' }).end('nö');
    });
    expect(answer).toMatchObject({ status: 404, body: 'nö', headers: { 'x-hello': 'there' } });
  });

  test('sends method, headers and text', async () => {
    const { answer, requests } = await askServer(echo, { method: 'put', headers: { 'X-Mine': 'yes' }, body: 'grüße' });
    expect(answer.body).toBe('grüße');
    expect(requests[0]).toMatchObject({ method: 'PUT', headers: { 'x-mine': 'yes' } });
  });

  test('reads no more than the longest message to the guest is, and names that limit', async () => {
    const { answer } = await askServer(
      (_request, response) => response.end('x'.repeat(600)),
      {},
      { maxMessageBytes: 500 },
    );
    expect(answer).toMatchObject({
      status: 0,
      body: 'the response is larger than 500 bytes, which the longest message is ("limits.maxMessageBytes")',
    });
  });

  test('sends and gives bytes as base64', async () => {
    const bytes = Buffer.from([0, 255, 128, 10]).toString('base64');
    const { answer } = await askServer(echo, { method: 'POST', headers: { 'X-Raw-Body': '1' }, body_base64: bytes });
    expect(answer.body_base64).toBe(bytes);
  });

  test('keeps its control headers, and those of the connection, to itself', async () => {
    const headers = { 'X-Raw-Body': '1', 'X-Host-Timeout-Seconds': '5', Host: 'other', Connection: 'close', TE: 'x' };
    const { requests } = await askServer(echo, { headers });
    const sent = requests[0]?.headers ?? {};
    expect(sent['x-raw-body'] ?? sent['x-host-timeout-seconds'] ?? sent.te).toBeUndefined();
    expect(sent.host).toMatch(/^127\.0\.0\.1:/);
  });

  test.each(['GET', 'HEAD', 'TRACE', 'PROPFIND', 'patch'])('sends %s as it is, with its body', async (method) => {
    const bodies: string[] = [];
    const { requests } = await askServer(
      async (request, response) => {
        bodies.push(await text(request));
        response.end();
      },
      { method, body: 'asked' },
    );
    expect([requests[0]?.method, bodies]).toEqual([method.toUpperCase(), ['asked']]);
  });

  test('adds to the headers what servers ask for, where the guest does not say it, and nothing else', async () => {
    const sent = async (headers: object): Promise<object> => {
      const { requests } = await askServer(echo, { headers });
      const { host, connection, ...others } = requests[0]?.headers ?? {};
      return others;
    };
    expect(await sent({})).toEqual({ accept: '*/*', 'user-agent': 'lockgate' });
    const own = { accept: 'text/plain', 'user-agent': 'mine', 'accept-encoding': 'br' };
    expect(await sent({ ...own, Accept: 'text/plain' })).toMatchObject({
      'user-agent': 'mine',
      'accept-encoding': 'br',
    });
  });

  test('asks a port that browsers do not ask', async () => {
    const server = createServer((_request, response) => response.end('mail'));
    const isFree = await new Promise<boolean>((resolve) => {
      server.on('error', () => resolve(false)).listen(6_697, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) return console.warn('skipped: asks a port that browsers do not ask: somebody listens at 6697 here');
    const host = hostOf();
    expect(await ask(host, { url: 'http://127.0.0.1:6697/' })).toMatchObject({ status: 200, body: 'mail' });
    await host.close();
    server.close();
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['gzip, br', (plain: string) => brotliCompressSync(gzipSync(plain))],
  ] as const)('unpacks %s', async (encoding, pack) => {
    const { answer } = await askServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(pack('plain'));
    });
    expect([answer.body, answer.headers['content-encoding']]).toEqual(['plain', undefined]);
  });

  test('gives what is packed in another way as it is, and says so', async () => {
    const { answer } = await askServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'rot13' }).end('cynva');
    });
    expect([answer.body, answer.headers['content-encoding']]).toEqual(['cynva', 'rot13']);
  });

  test('gives a compressed body as what it is', async () => {
    const { answer } = await askServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('plain'));
    });
    expect(answer.body).toBe('plain');
    expect(answer.headers['content-encoding']).toBeUndefined();
  });

  test('does not tell how a body was cut into pieces, since it gives the whole of it', async () => {
    const { answer } = await askServer((_request, response) => {
      response.write('one ');
      response.end('two');
    });
    expect(answer.body).toBe('one two');
    expect(answer.headers['transfer-encoding']).toBeUndefined();
  });

  test('answers status 0 for a body above the limit, however it is sent', async () => {
    for (const headers of [{}, { 'content-length': '1001' }] as const) {
      const { answer } = await askServer((_request, response) => {
        response.writeHead(200, headers).end('x'.repeat(1_001));
      });
      expect(answer).toMatchObject({ status: 0, body: expect.stringContaining('1000 bytes') });
    }
    const { answer } = await askServer((_request, response) => response.end('x'.repeat(1_000)));
    expect(answer.body).toHaveLength(1_000);
  });

  test('answers status 0 for a body that is small only on the wire', async () => {
    const { answer } = await askServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000)));
    });
    expect(answer.status).toBe(0);
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['no URL', '{}'],
    ['a method that no request has', '{"url":"http://127.0.0.1:1/","method":"CONNECT"}'],
    ['a port where nobody listens', '{"url":"http://127.0.0.1:1/"}'],
  ])('answers status 0 for %s', async (_what, request) => {
    const host = hostOf();
    expect(JSON.parse(await host.request(request, never))).toMatchObject({
      status: 0,
      body: expect.stringMatching(/\S/),
    });
    await host.close();
  });

  test.each<[string, Record<string, string>, string]>([
    ['value with a line break', { 'X-Mine': 'hush\r\nX-Other: 1' }, '"X-Mine"'],
    ['value beyond Latin-1', { 'X-Mine': 'hush€' }, '"X-Mine"'],
    ['name with a space', { 'X Mine': 'hush' }, '"X Mine"'],
  ])('of a header with a %s it names the header, and not its value', async (_, headers, named) => {
    const { answer, requests } = await askServer(echo, { headers });
    expect(answer).toMatchObject({ status: 0 });
    expect(JSON.stringify(answer)).toContain(JSON.stringify(named).slice(1, -1));
    expect(JSON.stringify(answer)).not.toContain('hush');
    expect(requests).toEqual([]);
  });

  test('gives up after the seconds that the guest asks for', async () => {
    const { answer } = await askServer(() => {}, { headers: { 'X-Host-Timeout-Seconds': '1' } });
    expect(answer).toMatchObject({ status: 0, body: 'no response within 1 s' });
  });

  test('ends at once when the call is ended', async () => {
    const gate = new Gate();
    await using server = await startWebServer(() => void gate.pass());
    const host = hostOf();
    const ending = new AbortController();
    const asked = ask(host, { url: `http://127.0.0.1:${server.port}/` }, ending.signal);
    await gate.reached;
    ending.abort(new Error('the client has gone'));
    expect(await asked).toMatchObject({ status: 0, body: 'the client has gone' });
    await host.close();
  });

  test('refuses more requests at a time than it may make', async () => {
    const gate = new Gate();
    const host = hostOf({ maxConcurrent: 2, fetch: () => gate.pass().then(() => new Response('ok')) });
    const held = [1, 2].map(() => ask(host, { url: 'http://a.test/' }));
    await gate.reached;
    expect(await ask(host, { url: 'http://a.test/' })).toMatchObject({ status: 0, body: expect.stringContaining('2') });
    gate.open();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await ask(host, { url: 'http://a.test/' })).status).toBe(200);
  });

  test('speaks HTTP/2 over clear text where the guest asks for it', async () => {
    const server = createHttp2Server((request, response) => response.end(`HTTP/${request.httpVersion}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = hostOf();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await ask(host, { url, headers: { 'X-H2C': '1' } })).toMatchObject({ status: 200, body: 'HTTP/2.0' });
    await host.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test('resolves names before an injected fetch is asked, where a lookup is given too', async () => {
    const asked: string[] = [];
    const fetch = async (url: string): Promise<Response> => {
      asked.push(url);
      return new Response('ok');
    };
    const at = (address: string): HttpHost => hostOf({ fetch, lookup: async () => [{ address, family: 4 }] });
    expect((await ask(at('10.0.0.1'), { url: 'http://a.test/private' })).status).toBe(0);
    expect((await ask(at('93.184.216.34'), { url: 'http://a.test/public' })).status).toBe(200);
    expect(asked).toEqual(['http://a.test/public']);
  });
});

describe('a redirect', () => {
  const redirect = (status: number, location: (server: WebServer) => string) =>
    async function follow(request: object) {
      await using server: WebServer = await startWebServer((incoming, response) => {
        if (incoming.url === '/') response.writeHead(status, { location: location(server) }).end('moved');
        else incoming.pipe(response);
      });
      const host = hostOf();
      const answer = await ask(host, { url: `http://127.0.0.1:${server.port}/`, ...request });
      await host.close();
      return { answer, last: server.requests.at(-1), count: server.requests.length };
    };
  const post = { method: 'POST', body: 'data', headers: { Authorization: 'secret', 'Content-Type': 'text/x' } };

  test.each([301, 302, 303])('with status %i turns POST into GET', async (status) => {
    const { last, answer } = await redirect(status, () => '/next')(post);
    expect(last).toMatchObject({ method: 'GET', url: '/next', headers: { authorization: 'secret' } });
    expect(last?.headers['content-type']).toBeUndefined();
    expect(answer).toMatchObject({ status: 200, body: '' });
  });

  test.each([307, 308])('with status %i keeps method and body', async (status) => {
    const { last, answer } = await redirect(status, () => '/next')(post);
    expect(last).toMatchObject({ method: 'POST', url: '/next' });
    expect(answer.body).toBe('data');
  });

  test('to another origin takes no credentials along', async () => {
    const { last } = await redirect(307, ({ port }) => `http://localhost:${port}/next`)(post);
    expect(last?.headers).toMatchObject({ 'content-type': 'text/x' });
    expect(last?.headers.authorization).toBeUndefined();
  });

  test('is followed ten times, not more', async () => {
    const { answer, count } = await redirect(302, () => '/')({});
    expect(answer).toMatchObject({ status: 0, body: 'more than 10 redirects' });
    expect(count).toBe(11);
  });
});

test('of a plugin that is granted no host every request is refused at once, with the same words', async () => {
  const fetch = async (): Promise<Response> => {
    throw new Error('asked');
  };
  for (const isolation of ['inline', 'worker'] as const) {
    await using opened = await openPlugin(fetchEchoGuest(), { isolation, maxHostCallsPerCall: 1 }, { fetch });
    const said = async (message: string): Promise<string> =>
      (await opened.plugin.execute('fetch-url', { message })).data;
    expect(await said('http://other.test/')).toContain('the host \\"other.test\\" is not granted');
    expect(await said('http://127.0.0.1/')).toContain('leads to an address that is not public');
    expect(await said('nowhere')).toContain('the URL cannot be read');
  }
});
