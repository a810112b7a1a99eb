import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Agent, createServer, get } from 'node:http';
import { connect, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/cli/free-port.ts';
import { writeAnswer } from '../../src/transport/http-answer.ts';
import { HttpServer } from '../../src/transport/http-server.ts';
import { QuickConnections } from '../../src/transport/quick/quick-connections.ts';
import { LIMITS, plainPost } from './quick/server-and-client.ts';

const LOOPBACKS = ['127.0.0.1', '::1'] as const;
const NONE = 'this machine has no ::1';
const taken: Server[] = [];
let hasBoth = false;

beforeAll(async () => {
  hasBoth = await take('::1').then(
    () => true,
    () => false,
  );
});

afterEach(() => {
  for (const server of taken.splice(0)) server.close();
});

/** Listens for the length of a test, and answers with the port. */
async function take(host: string): Promise<number> {
  const server = createNetServer().listen(0, host);
  taken.push(server);
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

async function answerOf(host: string, port: number): Promise<string> {
  const request = get({ host, port, family: 0, agent: false });
  const [response] = await once(request, 'response');
  return text(response);
}

const open = (): HttpServer =>
  new HttpServer(createServer((request, response) => response.end(request.socket.localAddress)));

describe('localhost', () => {
  test('is both loopbacks, at one port, until the server is closed', async ({ skip }) => {
    skip(!hasBoth, NONE);
    const server = open();
    const { url } = await server.listen('localhost', 0, 'http');
    expect(url).toMatch(/^http:\/\/localhost:\d+\/mcp$/);
    const port = Number(new URL(url).port);
    for (const host of LOOPBACKS) expect(await answerOf(host, port)).toBe(host);
    await server.close();
    for (const host of LOOPBACKS) await expect(answerOf(host, port)).rejects.toThrow('ECONNREFUSED');
  });

  test('has as many connections as one address', async ({ skip }) => {
    skip(!hasBoth, NONE);
    const inner = createServer((_, response) => response.end('in'));
    inner.maxConnections = 2;
    const server = new HttpServer(inner);
    const { port } = new URL((await server.listen('localhost', 0, 'http')).url);
    const held = LOOPBACKS.map((host) => connect(Number(port), host));
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    for (const host of LOOPBACKS) await expect(answerOf(host, Number(port))).rejects.toThrow(/hang up|ECONNRESET/);
    for (const socket of held) socket.destroy();
    await expect.poll(() => answerOf('::1', Number(port)).catch(String)).toBe('in');
    await server.close();
  });

  test.for(LOOPBACKS)('is taken where %s is, and is not listened on in part', async (host, { skip }) => {
    skip(!hasBoth, NONE);
    const port = await take(host);
    await expect(open().listen('localhost', port, 'http')).rejects.toMatchObject({
      code: 'GATEWAY_LISTEN',
      facts: { host: 'localhost', port, reason: 'EADDRINUSE' },
    });
    const other = LOOPBACKS.find((candidate) => candidate !== host) as string;
    await expect(answerOf(other, port)).rejects.toThrow('ECONNREFUSED');
    expect(await findFreePort('localhost', port)).toBeGreaterThan(port);
  });
});

test('another name is one address', async () => {
  const server = open();
  const { url } = await server.listen('127.0.0.1', 0, 'http');
  const port = Number(new URL(url).port);
  expect(await answerOf('127.0.0.1', port)).toBe('127.0.0.1');
  if (hasBoth) await expect(answerOf('::1', port)).rejects.toThrow('ECONNREFUSED');
  await server.close();
});

test('one that leaves takes all connections that the system has made before nobody listens any more', async () => {
  const server = open();
  const { url } = await server.listen('127.0.0.1', 0, 'http');
  const port = Number(new URL(url).port);
  // Goes on in a turn that has asked the system for connections, as one does that a signal has begun.
  await stat('.');
  const answers = Array.from({ length: 20 }, () => answerOf('127.0.0.1', port));
  await new Promise<void>((resolve) => process.nextTick(resolve)); // they connect
  const leaving = server.leave();
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['127.0.0.1']));
  await leaving;
  await server.close();
});

test('one that leaves takes those as well that came while it was busy with something else', async () => {
  const server = open();
  const { url } = await server.listen('127.0.0.1', 0, 'http');
  const port = Number(new URL(url).port);
  const answers: Promise<string>[] = [];
  // Each turn brings something. In most of each second one somebody connects after the system was asked who has, while what it brought takes its time.
  const echo = createNetServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { promise: busy, resolve: isBusy } = Promise.withResolvers<void>();
  const events = connect((echo.address() as { port: number }).port, '127.0.0.1');
  let turns = 0;
  events.on('data', () => {
    if (++turns % 2 === 0 && turns % 40 !== 0) {
      answers.push(answerOf('127.0.0.1', port).catch(({ code }) => code));
      process.nextTick(() => {
        for (const from = performance.now(); performance.now() - from < 4; );
      });
    }
    if (turns === 10) isBusy();
    events.write('.');
  });
  events.write('.');
  await busy;
  const isRefused = async (): Promise<boolean> => (await answers.at(-1)) === 'ECONNREFUSED';
  const leaving = server.leave();
  await expect.poll(isRefused, { timeout: 20_000 }).toBe(true);
  events.destroy();
  echo.close();
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['127.0.0.1', 'ECONNREFUSED']));
  await leaving;
  await server.close();
});

test('one that leaves answers on the connections that it has, as their last, and lets nobody connect', async () => {
  const server = open();
  const { url } = await server.listen('127.0.0.1', 0, 'http');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async () => {
    const [response] = await once(get(url, { agent }), 'response');
    return [await text(response), response.headers.connection];
  };
  expect(await ask()).toEqual(['127.0.0.1', 'keep-alive']);
  const leaving = server.leave();
  const isRefused = (): Promise<boolean> =>
    answerOf('127.0.0.1', Number(new URL(url).port)).then(
      () => false,
      ({ code }) => code === 'ECONNREFUSED',
    );
  await expect.poll(isRefused).toBe(true);
  expect(await ask()).toEqual(['127.0.0.1', 'close']);
  await leaving;
  await server.close();
});

describe('calls that are read quickly', () => {
  /** Each answer tells the address that it comes from. */
  const openQuick = (): HttpServer => {
    const inner = createServer((_, response) => response.end('read by Node'));
    const quick = new QuickConnections(inner, LIMITS, ({ socket }, response) =>
      writeAnswer(response, { status: 200, body: `${socket.localAddress}` }, {}),
    );
    return new HttpServer(inner, () => 0, quick);
  };
  const nextAnswer = async (socket: Socket): Promise<string> => {
    socket.write(plainPost('{}'));
    return String((await once(socket, 'data'))[0]);
  };

  test('come on both loopbacks', async ({ skip }) => {
    skip(!hasBoth, NONE);
    const server = openQuick();
    const { port } = new URL((await server.listen('localhost', 0, 'http')).url);
    for (const host of LOOPBACKS) {
      const answer = await nextAnswer(connect(Number(port), host));
      expect(answer.endsWith(`\r\n\r\n${host}`)).toBe(true);
    }
    // Both connections are idle, and are ended.
    await server.close();
  });

  test('are the last of their connections when the server leaves', async () => {
    const server = openQuick();
    const { port } = new URL((await server.listen('127.0.0.1', 0, 'http')).url);
    const socket = connect(Number(port), '127.0.0.1');
    expect(await nextAnswer(socket)).toContain('\r\nConnection: keep-alive\r\n');
    const leaving = server.leave();
    const isRefused = (): Promise<boolean> =>
      answerOf('127.0.0.1', Number(port)).then(
        () => false,
        ({ code }) => code === 'ECONNREFUSED',
      );
    await expect.poll(isRefused).toBe(true);
    expect(await nextAnswer(socket)).toContain('\r\nConnection: close\r\n');
    await leaving;
    await server.close();
  });
});
