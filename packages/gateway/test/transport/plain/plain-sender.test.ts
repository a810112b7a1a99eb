import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { PlainSender } from '../../../src/transport/plain/plain-sender.ts';
import type { SentRequest } from '../../../src/transport/sender.ts';
import { listening, rawServer, type Told } from './raw-server.ts';

const GET: SentRequest = { method: 'GET', headers: {}, body: undefined };
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

function ask(sender: PlainSender, url: URL, request: SentRequest = GET): Promise<Told> {
  const { handler, told } = listening();
  sender.send(url, request, handler);
  return told;
}

/** Two requests, one after the other, of which each is answered so. */
async function twice(reply: string): Promise<{ first: Told; second: Told; connections: number }> {
  await using server = await rawServer((socket) => socket.write(reply));
  const sender = new PlainSender();
  const first = await ask(sender, server.url);
  const second = await ask(sender, server.url);
  return { first, second, connections: server.connections.length };
}

test('sends the head and the body as they were given', async () => {
  const seen: string[] = [];
  await using server = await rawServer((socket, request) => {
    seen.push(request);
    socket.write(OK);
  });
  const sender = new PlainSender();
  await ask(sender, server.url, { method: 'POST', headers: { 'x-a': 'ü' }, body: Buffer.from('{"ö":1}') });
  await ask(sender, server.url, { method: 'POST', headers: {}, body: undefined });
  await ask(sender, server.url, { method: 'DELETE', headers: {}, body: undefined });
  const head = (method: string): string =>
    `${method} /mcp?a=b HTTP/1.1\r\nhost: ${server.url.host}\r\nconnection: keep-alive\r\n`;
  expect(seen).toEqual([
    `${head('POST')}x-a: ü\r\ncontent-length: 8\r\n\r\n${Buffer.from('{"ö":1}').toString('latin1')}`,
    `${head('POST')}content-length: 0\r\n\r\n`,
    `${head('DELETE')}\r\n`,
  ]);
});

test.each([
  ['a line end', { 'x-a': 'b\r\nx-c: d' }, 'the header "x-a" has characters that no header may have'],
  ['a character beyond Latin-1', { 'x-a': '€' }, 'the header "x-a" has characters that no header may have'],
  ['a name of two words', { 'x a': 'b' }, 'the name of a header has characters that no name may have'],
  ['a length of its own', { 'Content-Length': '1' }, 'the header "Content-Length" cannot be set'],
])('sends no header with %s', async (_what, headers, message) => {
  await using server = await rawServer((socket) => socket.write(OK));
  const sender = new PlainSender();
  const { handler } = listening();
  expect(() => sender.send(server.url, { ...GET, headers }, handler)).toThrow(new TypeError(message));
  expect((await ask(sender, server.url)).body).toBe('ok');
});

test('sends a body of any size', async () => {
  let missing = 300_000;
  await using server = await rawServer((socket, bytes) => {
    missing -= bytes.slice(bytes.indexOf('\r\n\r\n') === -1 ? 0 : bytes.indexOf('\r\n\r\n') + 4).length;
    if (missing === 0) socket.write(OK);
  });
  const { body } = await ask(new PlainSender(), server.url, {
    method: 'POST',
    headers: {},
    body: Buffer.alloc(300_000, 0xe9),
  });
  expect(body).toBe('ok');
});

describe('a connection', () => {
  test.each([
    ['a length', OK],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nx-t: u\r\n\r\n'],
    [
      'no body',
      'HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\nKeep-Alive: timeout=5, max=9\r\n\r\n',
    ],
  ])('is used again after an answer with %s', async (_what, reply) => {
    const { first, second, connections } = await twice(reply);
    expect(first.failure).toBeUndefined();
    expect({ ...second }).toEqual({ ...first });
    expect(connections).toBe(1);
  });

  test.each([
    ['says that it is the last', OK.replace('\r\n', '\r\nConnection: close\r\n')],
    ['has more than it announced', `${OK}HTTP/1.1 200 OK\r\n`],
    ['says that the server keeps it for a second', OK.replace('\r\n', '\r\nKeep-Alive: timeout=1\r\n')],
  ])('is not used again after an answer that %s', async (_what, reply) => {
    const { first, second, connections } = await twice(reply);
    expect([first.body, second.body, connections]).toEqual(['ok', 'ok', 2]);
  });

  test('is not used again once the server has ended it', async () => {
    await using server = await rawServer((socket) => void socket.end(OK));
    const sender = new PlainSender();
    await ask(sender, server.url);
    await once(server.connections[0] as NodeJS.EventEmitter, 'close');
    expect((await ask(sender, server.url)).body).toBe('ok');
  });

  test('is not used again where the answer came before the request was sent', async () => {
    await using server = await rawServer((socket) => {
      socket.pause();
      socket.write(OK.replace('200 OK', '413 Too Much'));
    });
    const sender = new PlainSender();
    const body = Buffer.alloc(32 * 1_048_576);
    expect((await ask(sender, server.url, { method: 'POST', headers: {}, body })).status).toBe(413);
    expect((await ask(sender, server.url)).status).toBe(413);
    expect(server.connections.length).toBe(2);
  });

  test('ends when the server says something that nobody asked for', async () => {
    await using server = await rawServer((socket, _request, index) => {
      socket.write(OK);
      if (index === 0) setImmediate(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong'));
    });
    const sender = new PlainSender();
    await ask(sender, server.url);
    await once(server.connections[0] as NodeJS.EventEmitter, 'close');
    expect((await ask(sender, server.url)).body).toBe('ok');
  });

  describe('of which the next request has not seen yet what became of it', () => {
    const WRONG = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong';
    test.each([
      ['was used for an answer that nobody asked for', (socket: Socket) => void socket.write(WRONG)],
      ['was ended', (socket: Socket) => void socket.destroy()],
      ['was reset', (socket: Socket) => void socket.resetAndDestroy()],
    ])('is not used again: it %s', async (_what, unasked) => {
      const seen: string[] = [];
      await using server = await rawServer((socket, request) => {
        seen.push(request.slice(request.indexOf('\r\n\r\n') + 4));
        socket.write(OK);
      });
      const sender = new PlainSender();
      await ask(sender, server.url);
      unasked(server.connections[0] as Socket);
      const { body } = await ask(sender, server.url, { method: 'POST', headers: {}, body: Buffer.from('once') });
      expect(body).toBe('ok');
      expect(seen).toEqual(['', 'once']);
    });

    test('takes no request that is ended meanwhile', async () => {
      const seen: string[] = [];
      await using server = await rawServer((socket, request) => {
        seen.push(request.slice(0, 4));
        socket.write(OK);
      });
      const sender = new PlainSender();
      await ask(sender, server.url);
      const { handler, told } = listening();
      sender.send(server.url, { method: 'DELETE', headers: {}, body: undefined }, handler).abort();
      await ask(sender, server.url);
      await ask(sender, server.url);
      expect(await Promise.race([told, 'nothing'])).toBe('nothing');
      expect(seen).toEqual(['GET ', 'GET ', 'GET ']);
    });
  });

  test('is used again where the last piece of an answer has paused it', async () => {
    await using server = await rawServer((socket) => socket.write(OK));
    const sender = new PlainSender();
    const { handler, told } = listening();
    const sending = sender.send(server.url, GET, { ...handler, onData: () => sending.pause() });
    await told;
    expect((await ask(sender, server.url)).body).toBe('ok');
    expect(server.connections.length).toBe(1);
  });

  test('serves one request at a time; others have their own', async () => {
    const waiting: (() => void)[] = [];
    await using server = await rawServer((socket) => {
      waiting.push(() => socket.write(OK));
      if (waiting.length === 3) for (const answer of waiting) answer();
    });
    const sender = new PlainSender();
    await Promise.all([1, 2, 3].map(() => ask(sender, server.url)));
    expect(server.connections.length).toBe(3);
  });

  test('is closed when it has waited for longer than four seconds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    try {
      await using server = await rawServer((socket) => socket.write(OK));
      const sender = new PlainSender();
      await ask(sender, server.url);
      const closed = once(server.connections[0] as NodeJS.EventEmitter, 'close');
      vi.advanceTimersByTime(5_000);
      await closed;
    } finally {
      vi.useRealTimers();
    }
  });
});

test.each([
  ['an announcement before it', `HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${OK}`, 200, 'ok'],
  ['no body by its status', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
  ['a body that the end of the connection ends', 'HTTP/1.1 200 OK\r\n\r\nall there is', 200, 'all there is'],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', 200, 'ok'],
  ['a header twice', OK.replace('\r\n', '\r\nx-a: 1\r\nx-a: 2\r\n'), 200, 'ok'],
  ['a value beyond ASCII', OK.replace('\r\n', '\r\nx-a: \xe9\r\n'), 200, 'ok'],
])('an answer with %s is read by Node', async (_what, reply, status, body) => {
  await using server = await rawServer((socket) => void socket.end(reply, 'latin1'));
  expect(await ask(new PlainSender(), server.url)).toMatchObject({ status, body, failure: undefined });
});

test.each([
  ['two cookies', OK.replace('\r\n', '\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n')],
  ['an announcement before it', `HTTP/1.1 103 Early Hints\r\n\r\n${OK}`],
  ['HTTP/1.0', OK.replace('1.1', '1.0')],
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
])('the connection of an answer with %s, which Node reads, is closed here', async (_what, reply) => {
  await using server = await rawServer((socket) => socket.write(reply));
  const closed = ask(new PlainSender(), server.url).then(() => once(server.connections[0] as Socket, 'close'));
  await closed;
});

test('an answer that comes in pieces from its head on is read by Node, and its connection is closed here', async () => {
  await using server = await rawServer((socket) => {
    socket.write(OK.slice(0, 20), () => setImmediate(() => setImmediate(() => socket.write(OK.slice(20)))));
  });
  const { body } = await ask(new PlainSender(), server.url);
  await once(server.connections[0] as Socket, 'close');
  expect(body).toBe('ok');
});

test('an answer that Node reads is told to its end, however late its reader goes on', async () => {
  const all = 'x'.repeat(1_000_000);
  await using server = await rawServer((socket) => void socket.end(`HTTP/1.0 200 OK\r\n\r\n${all}`));
  const { handler, told } = listening();
  const sending = new PlainSender().send(server.url, GET, {
    ...handler,
    onData(chunk) {
      handler.onData(chunk);
      sending.pause();
      setImmediate(() => setImmediate(() => sending.resume()));
    },
  });
  expect((await told).body.length).toBe(all.length);
});

test('sends one Host, that of the configuration where there is one', async () => {
  const seen: string[] = [];
  await using server = await rawServer((socket, request) => {
    seen.push(request);
    socket.write(OK);
  });
  await ask(new PlainSender(), server.url, { ...GET, headers: { host: 'inside.test' } });
  expect(seen[0]?.match(/^host: .*$/gim)).toEqual(['host: inside.test']);
});

test.each([
  ['has nothing of HTTP', '\x15\x03\x01\x00\x02\x02\x46', /^HPE_/],
  ['has a head that does not end', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(100_000)}`, /^HPE_HEADER_OVERFLOW$/],
  ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok', /^HPE_/],
  ['has a chunk of no size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n', /^HPE_/],
  ['ends too early', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok', /^(?:UND_ERR_SOCKET|ECONNRESET)$/],
  [
    'goes over to another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    /^UND_ERR_SOCKET$/,
  ],
  ['is none', '', /^UND_ERR_SOCKET$/],
])('an answer that %s has failed', async (_what, reply, code) => {
  await using server = await rawServer((socket) => void socket.end(reply, 'latin1'));
  expect((await ask(new PlainSender(), server.url)).failure?.code).toMatch(code);
});

test('an end of the request while Node reads the answer ends the connection, and nothing more is told', async () => {
  await using server = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nsome'));
  const { handler, told } = listening();
  const some = Promise.withResolvers<void>();
  const sending = new PlainSender().send(server.url, GET, { ...handler, onData: () => some.resolve() });
  await some.promise;
  sending.abort();
  await once(server.connections[0] as NodeJS.EventEmitter, 'close');
  expect(await Promise.race([told, 'nothing'])).toBe('nothing');
});

/** Asks once, and does nothing more. */
const PROGRAM = `
const { PlainSender } = await import(process.argv[1]);
new PlainSender().send(new URL(process.argv[2]), { method: 'GET', headers: {}, body: undefined },
  { onHead() {}, onData() {}, onEnd: () => console.log('answered'), onError: console.error });
`;

test('a connection that waits keeps no process alive', async () => {
  await using server = await rawServer((socket) => socket.write(OK.replace('\r\n', '\r\nKeep-Alive: timeout=600\r\n')));
  const sender = fileURLToPath(new URL('../../../src/transport/plain/plain-sender.ts', import.meta.url));
  const args = ['--conditions=@lockgate/source', '--input-type=module', '-e', PROGRAM, sender, server.url.href];
  expect((await promisify(execFile)(process.execPath, args)).stdout).toBe('answered\n');
});
