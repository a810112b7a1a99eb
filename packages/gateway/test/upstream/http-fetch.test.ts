import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { httpFetch } from '../../src/upstream/http-fetch.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const said = { text: 'ünï' };
const bytes = Buffer.from(JSON.stringify(said));

test.each([
  ['nothing', undefined, bytes],
  ['gzip', 'gzip', gzipSync(bytes)],
  ['deflate', 'deflate', deflateSync(bytes)],
  ['br', 'br', brotliCompressSync(bytes)],
])('reads JSON, text and streams that are encoded with %s', async (_name, encoding, body) => {
  const url = await listen((_request, response) => {
    response.setHeader('content-type', 'application/json');
    if (encoding) response.setHeader('content-encoding', encoding);
    response.end(body);
  });
  expect(await (await httpFetch(url)).json()).toEqual(said);
  expect(await (await httpFetch(url)).text()).toBe(JSON.stringify(said));
  expect(await new Response((await httpFetch(url)).body).json()).toEqual(said);
});

test('says who asks and what it reads, unless the caller does', async () => {
  const seen: IncomingMessage['headers'][] = [];
  const url = await listen(({ headers }, response) => {
    seen.push(headers);
    response.end();
  });
  await (await httpFetch(url)).text();
  await (await httpFetch(url, { headers: { 'User-Agent': 'mine' } })).text();
  expect(seen[0]).toMatchObject({
    'user-agent': expect.stringMatching(/^lockgate\//),
    'accept-encoding': 'gzip, deflate, br',
  });
  expect(seen[1]).toMatchObject({ 'user-agent': 'mine' });
});

test('leaves redirects to its caller', async () => {
  const url = await listen((_request, response) => response.writeHead(307, { location: '/elsewhere' }).end());
  const { status, ok, headers } = await httpFetch(url);
  expect([status, ok, headers.get('Location'), headers.has('x')]).toEqual([307, false, '/elsewhere', false]);
});

test('fails as fetch does: with the cause, or with the reason of the signal', async () => {
  const url = await listen(() => {});
  servers[0]?.close();
  await expect(httpFetch('http://127.0.0.1:1/')).rejects.toMatchObject({
    name: 'TypeError',
    message: 'fetch failed',
    cause: { code: 'ECONNREFUSED' },
  });
  const ending = new AbortController();
  const waiting = httpFetch(url, { signal: ending.signal });
  ending.abort(new Error('no longer wanted'));
  await expect(waiting).rejects.toThrow('no longer wanted');
});
