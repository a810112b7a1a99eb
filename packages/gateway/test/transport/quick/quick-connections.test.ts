import { createServer } from 'node:https';
import { describe, expect, test } from 'vitest';
import { EventStream } from '../../../src/transport/event-stream.ts';
import { writeAnswer } from '../../../src/transport/http-answer.ts';
import type { HttpResponse } from '../../../src/transport/http-contract.ts';
import { QuickConnections, type ServeCall } from '../../../src/transport/quick/quick-connections.ts';
import { LIMITS, openServer, plainPost } from './server-and-client.ts';

/** An answer without its times, and its body without the borders of its chunks, of which two make more or fewer. */
function readAnswer(received: string): { head: readonly string[]; body: string } {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  let coded = rest.join('\r\n\r\n');
  const lines = head
    .replace(/^Date: .*$/m, 'Date: now')
    .toLowerCase()
    .split('\r\n')
    .sort();
  if (!lines.includes('transfer-encoding: chunked')) return { head: lines, body: coded };
  let body = '';
  for (let size = -1; size !== 0; coded = coded.slice(size + 2)) {
    const [line = ''] = coded.split('\r\n', 1);
    size = Number.parseInt(line, 16);
    coded = coded.slice(line.length + 2);
    body += coded.slice(0, size);
  }
  return { head: lines, body: `${body}, and ${coded.length} more` };
}

const text = { 'content-type': 'text/plain' };

/** Answers nothing, and keeps the answers for the test. */
function kept(): { responses: HttpResponse[]; serve: ServeCall } {
  const responses: HttpResponse[] = [];
  return { responses, serve: (_request, response) => void responses.push(response) };
}

const tick = ({ connections }: { connections: QuickConnections }, times: number): void => {
  for (let time = 0; time < times; time++) connections.tick();
};

describe('a plain POST to an endpoint', () => {
  test.for([
    ['in one piece', [plainPost('{}')]],
    ['head and body apart', [plainPost('{}').slice(0, -2), '{}']],
    ['its body byte by byte', [plainPost('').replace(': 0', ': 4'), 'n', 'u', 'l', 'l']],
    ['with spaces in a value', [plainPost('{}', 'Accept: application/json, text/event-stream\r\n')]],
    ['that says what is so anyway', [plainPost('{}', 'Connection: Keep-Alive\r\n')]],
    ['for one server', [plainPost('{}').replace('/mcp', '/mcp/git%20hub/?discovery=search')]],
    ['for a profile', [plainPost('{}').replace('/mcp', '/mcp/@team')]],
  ] as const)('is read quickly: %s', async ([, chunks]) => {
    await using at = await openServer();
    const client = await at.connect();
    for (const chunk of chunks) await client.write(chunk);
    await client.answers(1);
    await client.end();
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(at.readBy).toEqual(['quick']);
  });

  test('is read again and again on one connection, whatever its head', async () => {
    await using at = await openServer();
    const client = await at.connect();
    for (let number = 1; number <= 10_000; number++) {
      await client.write(plainPost(`${number}`, number % 3 === 0 ? `X-Number: ${number}\r\n` : ''));
      await client.answers(1);
      expect(client.received).toContain(`\\"body\\":\\"${number}\\"`.replaceAll('\\', ''));
      client.received = '';
    }
    expect(at.readBy).toEqual(new Array(10_000).fill('quick'));
  });
});

describe('requests that come before the last is answered', () => {
  test('wait for their turn', async () => {
    const { responses, serve } = kept();
    await using at = await openServer({ serve });
    const client = await at.connect();
    await client.write(plainPost('1') + plainPost('2'));
    await client.write(plainPost('3'));
    for (let number = 1; number <= 3; number++) {
      expect(responses).toHaveLength(number);
      writeAnswer(responses.at(-1) as HttpResponse, { status: 200, body: `${number}` }, text);
    }
    await client.answers(3);
    expect(client.received.match(/\r\n\r\n\d/g)?.map((end) => end.trim())).toEqual(['1', '2', '3']);
    expect(at.readBy).toEqual(['quick', 'quick', 'quick']);
  });

  test('are all answered, however many they are', async () => {
    await using at = await openServer({ serve: (_, response) => writeAnswer(response, { status: 202 }, text) });
    const client = await at.connect();
    await client.write(plainPost('{}').repeat(10_000));
    await client.answers(10_000);
    // Until a head comes in pieces.
    expect(at.readBy.slice(0, 500)).toEqual(new Array(500).fill('quick'));
    expect(at.readBy).toHaveLength(10_000);
  });

  test('are read no further than some, until it is', async () => {
    const { responses, serve } = kept();
    await using at = await openServer({ serve });
    const client = await at.connect();
    await client.write(plainPost('1'));
    client.socket.write(plainPost('2').repeat(100_000));
    await expect.poll(() => client.accepted.isPaused()).toBe(true);
    expect(client.accepted.bytesRead).toBeLessThan(500_000);
    expect(responses).toHaveLength(1);
    writeAnswer(responses[0] as HttpResponse, { status: 202 }, text);
    expect(responses).toHaveLength(2);
    expect(client.accepted.isPaused()).toBe(false);
  });

  test('are read by Node from the first that is not plain', async () => {
    await using at = await openServer();
    const client = await at.connect();
    await client.write(`${plainPost('1')}GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n${plainPost('2')}`);
    await client.answers(3);
    expect(at.readBy).toEqual(['quick', 'node', 'node']);
  });
});

describe('a client that goes', () => {
  test.for(['end', 'destroy', 'resetAndDestroy'] as const)('by %s is no longer answered', async (how) => {
    const { responses, serve } = kept();
    await using at = await openServer({ serve });
    const client = await at.connect();
    await client.write(plainPost('{}'));
    const [response] = responses as [HttpResponse];
    const { promise: over, resolve } = Promise.withResolvers<void>();
    response.on('close', resolve);
    client.socket[how]();
    await over;
    expect([response.destroyed, response.writableEnded]).toEqual([true, false]);
    writeAnswer(response, { status: 200, body: 'late' }, text);
    await client.closed();
    expect(client.received).toBe('');
  });

  test('in the middle of a request is told so, as Node does', async () => {
    await using at = await openServer();
    const client = await at.connect();
    await client.write(plainPost('{}').slice(0, -1));
    await client.end();
    expect(client.received).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    expect(at.readBy).toEqual([]);
  });

  test('before it has asked anything leaves nothing', async () => {
    await using at = await openServer();
    const client = await at.connect();
    await client.end();
    await expect.poll(() => at.accepted.every(({ destroyed }) => destroyed)).toBe(true);
    expect(client.received).toBe('');
  });
});

describe('by and by', () => {
  test('a body that does not come is left to Node, and its time limits', async () => {
    await using at = await openServer();
    const client = await at.connect();
    await client.write(plainPost('{}').slice(0, -1));
    tick(at, 2);
    await client.write('}');
    await client.answers(1);
    expect(at.readBy).toEqual(['node']);
  });

  test('a connection on which nothing was asked is left to Node', async () => {
    await using at = await openServer();
    const client = await at.connect();
    tick(at, 2);
    await client.write(plainPost('{}'));
    await client.answers(1);
    expect(at.readBy).toEqual(['node']);
  });

  test('a connection on which nothing is asked any more is ended when its time is over', async () => {
    await using at = await openServer();
    const client = await at.connect();
    await client.write(plainPost('{}'));
    await client.answers(1);
    tick(at, 66);
    await client.write(plainPost('{}'));
    await client.answers(2);
    expect(at.readBy).toEqual(['quick', 'quick']);
    tick(at, 67);
    await client.closed();
  });

  test('one that is being answered is waited for', async () => {
    const { responses, serve } = kept();
    await using at = await openServer({ serve });
    const client = await at.connect();
    await client.write(plainPost('{}'));
    tick(at, 1_000);
    writeAnswer(responses[0] as HttpResponse, { status: 202 }, text);
    await client.answers(1);
    expect(client.received).toMatch(/^HTTP\/1\.1 202 /);
  });
});

describe('in the end', () => {
  test('each answer is the last of its connection once clients are asked to go', async () => {
    await using at = await openServer();
    const client = await at.connect();
    await client.write(plainPost('{}'));
    await client.answers(1);
    expect(client.received).toMatch(/\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n/);
    let asked = 0;
    at.connections.askToGo(() => asked++);
    await client.write(plainPost('{}'));
    await client.closed();
    expect(client.received).toMatch(/\r\nConnection: close\r\n(?!Keep-Alive)/);
    expect(asked).toBe(1);
  });

  test('idle connections are ended, and those that are at work when all are', async () => {
    const { responses, serve } = kept();
    await using at = await openServer({ serve });
    const [idle, working] = [await at.connect(), await at.connect()];
    await idle.write(plainPost('{}'));
    writeAnswer(responses[0] as HttpResponse, { status: 202 }, text);
    await idle.answers(1);
    await working.write(plainPost('{}'));
    at.connections.closeIdleConnections();
    await idle.closed();
    expect(working.isClosed).toBe(false);
    at.connections.closeAllConnections();
    await working.closed();
  });
});

describe('an answer', () => {
  const large = Buffer.alloc(100_000, 'a');
  const answers: readonly (readonly [string, ServeCall])[] = [
    ['without a body', (_, response) => writeAnswer(response, { status: 202 }, { 'x-a': 'b' })],
    ['that never has a body', (_, response) => writeAnswer(response, { status: 204 }, {})],
    ['of a small text', (_, response) => writeAnswer(response, { status: 404, body: 'näh' }, text)],
    ['of many bytes', (_, response) => writeAnswer(response, { status: 200, body: [large, large] }, text)],
    [
      'that ends the connection',
      (_, response) => writeAnswer(response, { status: 413, headers: { connection: 'close' }, body: 'no' }, text),
    ],
    [
      'of events',
      (_, response) => {
        const stream = new EventStream(response, { 'mcp-session-id': 'a' });
        stream.text(': first\n\n');
        stream.event([Buffer.from('{"a":1}')], '7');
        stream.event([Buffer.from('"'), large, Buffer.from('"')]);
        setImmediate(() => {
          stream.text(': later\n\n');
          stream.end();
        });
      },
    ],
    ['of no events', (_, response) => new EventStream(response, {}).end()],
  ];

  test.for(answers)('%s is what Node would have written', async ([, serve]) => {
    const received = await Promise.all(
      [true, false].map(async (quick) => {
        await using at = await openServer({ quick, serve });
        const client = await at.connect();
        await client.write(plainPost('{}'));
        await client.answers(1);
        await expect.poll(() => at.accepted[0]?.writableLength).toBe(0);
        await client.end();
        return readAnswer(client.received);
      }),
    );
    expect(received[0]).toEqual(received[1]);
  });

  test('is over when the client has taken it, and the next request waits for that', async () => {
    const { responses, serve } = kept();
    await using at = await openServer({ serve });
    const client = await at.connect();
    client.socket.pause();
    await client.write(plainPost('{}') + plainPost('{}'));
    const body = [Buffer.alloc(32_000_000, 'a')];
    writeAnswer(responses[0] as HttpResponse, { status: 200, body }, text);
    expect([responses[0]?.writableEnded, responses[0]?.destroyed, responses.length]).toEqual([false, false, 1]);
    client.socket.resume();
    await expect.poll(() => responses.length).toBe(2);
    expect(responses[0]?.destroyed).toBe(true);
  });

  test('has no header that another could begin in', async () => {
    const { responses, serve } = kept();
    await using at = await openServer({ serve });
    const client = await at.connect();
    await client.write(plainPost('{}'));
    const [response] = responses as [HttpResponse];
    expect(() => response.writeHead(200, { 'x-a': 'b\r\nx-c: d' })).toThrow('"x-a"');
    expect(response.headersSent).toBe(false);
  });
});

test('a server that speaks TLS keeps its connections', () => {
  const server = createServer();
  const before = server.listeners('secureConnection');
  const connections = server.listeners('connection');
  new QuickConnections(server, LIMITS, () => undefined);
  expect(server.listeners('secureConnection')).toEqual(before);
  expect(server.listeners('connection')).toEqual(connections);
});
