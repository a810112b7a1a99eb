import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inChunks } from '../in-chunks.ts';
import { type OpenServer, openServer, plainPost } from './server-and-client.ts';

const RUNS = Number(process.env.QUICK_RUNS ?? 200);

/** How Node ends a connection of which it refuses some bytes. */
const REFUSED = /HTTP\/1\.1 4\d\d [^\r]+\r\nConnection: close\r\n\r\n$/;

interface Told {
  readonly received: string;
  /** What handlers were told, request by request. */
  readonly requests: readonly string[];
}

/** What a client gets for these bytes, and what the gateway was asked; times are not compared. */
async function exchange(at: OpenServer, chunks: readonly Buffer[]): Promise<Told> {
  const before = at.requests.length;
  const client = await at.connect();
  for (const chunk of chunks) if (!client.accepted.destroyed) await client.write(chunk);
  await client.end();
  const received = client.received.replaceAll(/^Date: .*$/gm, 'Date: now');
  return { received, requests: at.requests.slice(before) };
}

/**
 * The same answers to the same requests. Bytes that come in one piece Node reads to their end: behind the last request of a connection it may find some to refuse before it has answered all before them, and
 * requests that nobody gets an answer to. A tunnel that is asked for ends a connection in the same way.
 */
function expectAsAll(told: Told, all: Told, endsEarly: boolean): void {
  if (!endsEarly) {
    expect(told).toEqual(all);
    return;
  }
  const asked = Math.min(told.requests.length, all.requests.length);
  expect(told.requests.slice(0, asked)).toEqual(all.requests.slice(0, asked));
  const answers = told.received.slice(0, told.received.length - (REFUSED.exec(told.received)?.[0].length ?? 0));
  expect(`${all.received}HTTP/`).toContain(`${answers}HTTP/`);
  expect(all.received.startsWith(answers)).toBe(true);
}

const usually = <T>(usual: T, ...odd: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });

const method = usually('POST', 'GET', 'DELETE', 'OPTIONS', 'HEAD', 'post', 'PUT', 'CONNECT', ' POST', 'POST ', 'POSTS');
const target = usually(
  '/mcp',
  '/mcp/echo',
  '/mcp/@team?discovery=search',
  '/mcpx',
  '/health',
  '/',
  '*',
  'http://localhost/mcp',
  '/mcp#part',
  '/mcp%00',
  '/mcp/ä',
  '/mcp"',
  '',
);
const version = usually('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/1.2', 'http/1.1', 'HTTP/1.1 ', 'HTTP/11', '');
const lineEnd = usually('\r\n', '\n', '\r', '\r\r\n');
const header = fc.oneof(
  fc.constantFrom(
    'Accept: application/json, text/event-stream',
    'Content-Type: application/json',
    'Mcp-Session-Id: 7f',
    'X-Empty:',
    'X-Spaces:   a  b   ',
    'X-Tab:\ta\tb',
    'Cookie: a=b; c=d',
    'Set-Cookie: a=b',
    'X_Under: a',
    '__proto__: a',
    'constructor: a',
    'Connection: keep-alive',
    'Connection: close',
    'Connection: Keep-Alive, TE',
    'Connection: upgrade',
    'Upgrade: h2c',
    'Expect: 100-continue',
    'Expect: 200-ok',
    'TE: trailers',
    'Trailer: X-After',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: identity',
    'Transfer-Encoding : chunked',
    'Content-Length: 5',
    'Content-Length: 0',
    'Content-Length: +4',
    'Content-Length: -4',
    'Content-Length: 4, 4',
    'Content-Length: 4 4',
    'Content-Length: 0x4',
    'Content-Length: 04',
    'Content-Length : 4',
    ' Content-Length: 4',
    'Content-Length: 99999999999999999999',
    'Host: localhost',
    'Host: evil.test',
    'Host:',
    'X-Latin: \u00e9',
    'X-Zero: a\0b',
    'X-Return: a\rb',
    'X-Feed: a\nb',
    'X-Folded: a\r\n b',
    'X-Delete: a\x7f',
    'no colon',
    ': no name',
    'na me: a',
    'X"Quote: a',
    `X-Large: ${'a'.repeat(1_900)}`,
    `X-Huge: ${'a'.repeat(3_000)}`,
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
);
const body = fc.oneof(
  fc.constantFrom('{}', '[1]', '0\r\n\r\n', '4\r\n{"a"\r\n0\r\n\r\n', 'POST /mcp HTTP/1.1\r\n\r\n'),
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
);

/** Most are requests that are read quickly. */
const request = fc
  .record({
    method,
    target,
    version,
    headers: fc.array(fc.tuple(header, lineEnd), { maxLength: 3 }),
    host: usually('Host: localhost\r\n', '', 'host:localhost\r\n', 'HOST: localhost \r\n'),
    length: usually<'right' | 'none' | 'less' | 'more'>('right', 'none', 'less', 'more'),
    end: usually('\r\n', '\n', '', '\r\n\r\n'),
    body,
  })
  .map(({ method, target, version, headers, host, length, end, body }) => {
    const count = { right: body.length, none: undefined, less: body.length - 1, more: body.length + 1 }[length];
    const lines = headers.map(([line, lineEnd]) => `${line}${lineEnd}`).join('');
    const said = count === undefined ? '' : `Content-Length: ${count}\r\n`;
    return `${method} ${target} ${version}\r\n${host}${lines}${said}${end}${body}`;
  });
const plain = fc
  .tuple(fc.constantFrom('{}', '', '[1,2]'), fc.constantFrom('', 'Accept: */*\r\n'))
  .map((of) => plainPost(...of));
const conversation = fc.array(fc.oneof({ weight: 2, arbitrary: plain }, { weight: 3, arbitrary: request }), {
  minLength: 1,
  maxLength: 4,
});

test('whatever a client sends, however it is cut, it gets what Node alone would have given', async () => {
  await using quick = await openServer();
  await using node = await openServer({ quick: false });
  const sizes = fc.oneof(fc.constant<number[]>([]), fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 6 }));
  await fc.assert(
    fc.asyncProperty(conversation, sizes, fc.boolean(), async (requests, cuts, areSeparate) => {
      const parts = areSeparate ? requests : [requests.join('')];
      const chunks = parts
        .flatMap((part) => inChunks(Buffer.from(part, 'latin1'), cuts))
        .filter(({ length }) => length > 0);
      // Byte by byte, no request comes in one piece with another.
      const all = await exchange(
        node,
        inChunks(Buffer.concat(chunks), new Array(chunks.join('').length).fill(1)).slice(0, -1),
      );
      const endsEarly = all.received.includes('\r\nConnection: close\r\n') || chunks.join('').includes('CONNECT');
      expectAsAll(await exchange(quick, chunks), all, endsEarly);
      expectAsAll(await exchange(node, chunks), all, endsEarly);
    }),
    { numRuns: RUNS },
  );
  // It says something about both readers only where both have read.
  expect(new Set(quick.readBy)).toEqual(new Set(['quick', 'node']));
});
