import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, Gunzip, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type HttpRequest, openHttpClient, STANDARD_HEADERS } from '../../src/transport/http-client.ts';

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

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly failure: { readonly cause: Error & { code?: string }; readonly reached: boolean } | undefined;
}

async function send(url: string, request: Partial<HttpRequest> = {}): Promise<Answer> {
  const client = openHttpClient();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  let status = 0;
  let headers: IncomingHttpHeaders = {};
  const done = (failure: Answer['failure']): void =>
    resolve({ status, headers, body: Buffer.concat(chunks).toString(), failure });
  client.send(
    new URL(url),
    { method: 'GET', headers: STANDARD_HEADERS, ...request },
    {
      onHead: (...head) => {
        [status, headers] = head;
      },
      onData: (chunk) => chunks.push(chunk),
      onEnd: () => done(undefined),
      onFailure: (cause, reached) => done({ cause, reached }),
    },
  );
  return promise;
}

const said = JSON.stringify({ text: 'ünï' });
const bytes = Buffer.from(said);

test.each([
  ['nothing', undefined, bytes],
  ['gzip', 'gzip', gzipSync(bytes)],
  ['deflate', 'deflate', deflateSync(bytes)],
  ['br', 'br', brotliCompressSync(bytes)],
  ['zstd', 'zstd', zstdCompressSync(bytes)],
  ['what nobody knows', 'constructor', bytes],
])('reads answers that are encoded with %s', async (_name, encoding, body) => {
  const url = await listen((_request, response) => {
    if (encoding) response.setHeader('content-encoding', encoding);
    response.end(body);
  });
  expect(await send(url)).toMatchObject({ status: 200, body: said, failure: undefined });
});

test('an answer whose encoding is broken has failed, and has reached the other side', async () => {
  const url = await listen((_request, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end('no gzip');
  });
  expect((await send(url)).failure).toMatchObject({ reached: true, cause: { code: 'Z_DATA_ERROR' } });
});

test('says who asks and what it reads, unless the caller does', async () => {
  const seen: IncomingHttpHeaders[] = [];
  const url = await listen(({ headers }, response) => {
    seen.push(headers);
    response.end();
  });
  await send(url);
  await send(url, { headers: { ...STANDARD_HEADERS, 'user-agent': 'mine' } });
  expect(seen[0]).toMatchObject({
    'user-agent': expect.stringMatching(/^lockgate\//),
    'accept-encoding': 'gzip, deflate, br, zstd',
  });
  expect(seen[1]).toMatchObject({ 'user-agent': 'mine' });
});

test('sends a body that is in parts as one, with its length', async () => {
  const url = await listen((request, response) => {
    response.setHeader('x-length', request.headers['content-length'] ?? '');
    request.pipe(response);
  });
  const body = [Buffer.from('{"a":'), Buffer.from('1}')];
  expect(await send(url, { method: 'POST', body })).toMatchObject({ body: '{"a":1}', headers: { 'x-length': '7' } });
});

test('leaves redirects to its caller', async () => {
  const url = await listen((_request, response) => response.writeHead(307, { location: '/elsewhere' }).end());
  const { status, headers } = await send(url);
  expect([status, headers.location, headers.x]).toEqual([307, '/elsewhere', undefined]);
});

test('says of a failure whether the other side may have seen the request', async () => {
  expect((await send('http://127.0.0.1:1/')).failure).toMatchObject({
    reached: false,
    cause: { code: 'ECONNREFUSED' },
  });
  const url = await listen((_request, response) => void response.destroy());
  expect((await send(url)).failure).toMatchObject({ reached: true, cause: { code: 'UND_ERR_SOCKET' } });
});

test('a request that is no longer wanted tells nothing more, and its connection is closed', async () => {
  const gone = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const url = await listen((request) => {
    request.once('close', gone.resolve);
    arrived.resolve();
  });
  const client = openHttpClient();
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  const handler = { onHead: tell('head'), onData: tell('data'), onEnd: tell('end'), onFailure: tell('failure') };
  const abort = client.send(new URL(url), { method: 'GET', headers: {} }, handler);
  await arrived.promise;
  abort();
  await gone.promise;
  expect(told).toEqual([]);
});

const ENCODED = { nothing: bytes, gzip: gzipSync(bytes), deflate: deflateSync(bytes), br: brotliCompressSync(bytes) };

describe.each(Object.entries(ENCODED))(
  'a handler that throws, of an answer that is encoded with %s',
  (encoding, body) => {
    const answering = () =>
      listen((_request, response) => {
        if (encoding !== 'nothing') response.setHeader('content-encoding', encoding);
        response.end(body);
      });

    test.each(['onHead', 'onData', 'onEnd'])(
      'where it takes %s, is told its own error as a failure',
      async (thrower) => {
        const { promise, resolve } = Promise.withResolvers<Error>();
        const handler = { onHead: () => {}, onData: () => {}, onEnd: () => {}, onFailure: resolve };
        const throwing = () => {
          throw new Error(`in ${thrower}`);
        };
        openHttpClient().send(
          new URL(await answering()),
          { method: 'GET', headers: {} },
          { ...handler, [thrower]: throwing },
        );
        expect((await promise).message).toBe(`in ${thrower}`);
      },
    );
  },
);

test('an error of a handler of failures ends nothing but shows as a warning', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  const onFailure = (): void => {
    throw new Error('in onFailure');
  };
  const url = await listen((_request, response) => void response.destroy());
  const handler = { onHead: () => {}, onData: () => {}, onEnd: () => {}, onFailure };
  openHttpClient().send(new URL(url), { method: 'GET', headers: {} }, handler);
  expect((await warned).message).toBe('in onFailure');
});

test('an answer whose encoding is broken is not read on', async () => {
  const gone = Promise.withResolvers<void>();
  const url = await listen((_request, response) => {
    response.once('close', gone.resolve);
    response.setHeader('content-encoding', 'gzip');
    response.write('no gzip');
  });
  expect((await send(url)).failure).toMatchObject({ cause: { code: 'Z_DATA_ERROR' } });
  await gone.promise;
});

test('an encoded answer is received no faster than it is decoded', async () => {
  const part = randomBytes(1024 * 1024);
  const encoded = gzipSync(Buffer.concat(Array.from({ length: 24 }, () => part)), { level: 1 });
  const url = await listen((_request, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(encoded);
  });
  const { write } = Gunzip.prototype;
  let waiting = 0;
  const writing = vi.spyOn(Gunzip.prototype, 'write').mockImplementation(function (this: Gunzip, chunk: Buffer) {
    const takesMore = write.call(this, chunk, 'utf8');
    waiting = Math.max(waiting, this.writableLength);
    return takesMore;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const lengths: number[] = [];
  openHttpClient().send(
    new URL(url),
    { method: 'GET', headers: {} },
    { onHead: () => {}, onData: (chunk) => lengths.push(chunk.length), onEnd: resolve, onFailure: reject },
  );
  await promise;
  writing.mockRestore();
  expect(lengths.reduce((sum, length) => sum + length)).toBe(24 * part.length);
  expect(waiting).toBeLessThan(1024 * 1024);
});

test('an answer of many small parts that are not decoded as fast as they come warns of nothing', async () => {
  const told = vi.fn();
  process.on('warning', told);
  try {
    const text = randomBytes(1_000_000).toString('base64');
    // Behind the end of what is compressed, zeros are nothing.
    const encoded = Buffer.concat([gzipSync(text), Buffer.alloc(100)]);
    const parts = Array.from({ length: Math.floor(encoded.length / 100) }, (_, index) => [
      '64\r\n',
      encoded.subarray(index * 100, index * 100 + 100),
      '\r\n',
    ]).flat();
    const url = await listen((request) => {
      const head = 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n';
      request.socket.write(Buffer.concat([head, ...parts, '0\r\n\r\n'].map((part) => Buffer.from(part))));
    });
    expect((await send(url)).body.length).toBe(text.length);
    // A warning is told in the turn after that which gave rise to it.
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).not.toHaveBeenCalled();
  } finally {
    process.off('warning', told);
  }
});
