import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ticket } from '../../src/transport/server-link.ts';
import { SseLink } from '../../src/transport/sse-link.ts';

const closing: (() => Promise<void>)[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const close of closing.splice(0).reverse()) await close();
});

/** A link to a server that answers a POST as the test wants; the answers that wait, and when one's connection is closed. */
async function linkTo(answer: (response: ServerResponse) => void, first = 'event: endpoint\ndata: /post\n\n') {
  const posts: ServerResponse[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const { promise: streamClosed, resolve: onStreamClosed } = Promise.withResolvers<void>();
  const server = createServer((request: IncomingMessage, response) => {
    if (request.method === 'GET') {
      response.once('close', onStreamClosed).writeHead(200, { 'content-type': 'text/event-stream' }).write(first);
      return;
    }
    posts.push(response.once('close', resolve));
    answer(response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const link = new SseLink(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`), {});
  closing.push(async () => {
    await link.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const told: string[] = [];
  const starting = link.start({
    frame: (bytes) => Boolean(told.push(`${bytes}`)),
    tooLong: (id) => void told.push(`${id} is too long`),
    tooLongAsked: (id) => void told.push(`question ${id} is too long`),
    sign: () => {},
    missed: () => {},
    ended: (reason) => void told.push(reason),
  });
  return { link, starting, told, posts, closed, streamClosed };
}

const frame = [Buffer.from('{}')];
const ticket = (): Ticket => ({ isDone: false, frame: () => {}, event: () => {}, refused: vi.fn(), failed: vi.fn() });

test.each([
  ['a notification that is never answered', undefined, () => {}],
  [
    'a request whose answer comes on the stream',
    ticket(),
    (response: ServerResponse) => response.writeHead(202).flushHeaders(),
  ],
  ['a request that was answered', { ...ticket(), isDone: true }, () => {}],
])('the POST of %s ends by itself', async (_what, waiting, answer) => {
  const { link, starting, posts, closed } = await linkTo(answer);
  await starting;
  link.send(frame, waiting);
  await expect.poll(() => posts).toHaveLength(1);
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
  });
  while (!isClosed) {
    vi.advanceTimersByTime(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test('an answer, or a question, that is too long ends no more than itself', async () => {
  const long = `"${'x'.repeat(65 * 1024 * 1024)}"}`;
  const { starting, told } = await linkTo(
    () => {},
    `event: endpoint\ndata: /post\n\ndata: {"jsonrpc":"2.0","id":7,"result":${long}\n\ndata: {"jsonrpc":"2.0","id":"q","method":"a","params":${long}\n\ndata: {"id":1}\n\n`,
  );
  await starting;
  await expect.poll(() => told).toEqual(['7 is too long', 'question "q" is too long', '{"id":1}']);
});

test('a POST on which the server writes without end is ended', async () => {
  const { link, starting, closed } = await linkTo(
    (response) => void response.writeHead(202).write('x'.repeat(200_000)),
  );
  await starting;
  link.send(frame, ticket());
  await closed;
});

test('a refusal fails its request at once', async () => {
  const waiting = ticket();
  const { link, starting } = await linkTo((response) => response.writeHead(400).flushHeaders());
  await starting;
  link.send(frame, waiting);
  await expect.poll(() => waiting.refused).toHaveBeenCalledOnce();
});

test('a link that is closed ends what is open, and nothing is told of it', async () => {
  const waiting = ticket();
  const { link, starting, posts, closed, streamClosed } = await linkTo(() => {});
  await starting;
  link.send(frame, waiting);
  await expect.poll(() => posts).toHaveLength(1);
  await link.close();
  await Promise.all([closed, streamClosed]);
  expect(waiting.failed).not.toHaveBeenCalled();
});

test('a server that names an address elsewhere is not listened to', async () => {
  const { starting, streamClosed } = await linkTo(() => {}, 'event: endpoint\ndata: http://example.com/\n\n');
  await expect(starting).rejects.toThrow('another host');
  await streamClosed;
});
