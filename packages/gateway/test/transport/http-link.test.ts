import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NoAnswerError, type Refusal } from '../../src/transport/server-link.ts';
import { ANSWER, type Answering, frame, linkTo, type Request, stream, Waiting } from './served-link.ts';

const NEWS = '{"jsonrpc":"2.0","method":"notifications/message"}';

describe('the answer to a POST', () => {
  test('may be one frame, for which the request says what is taken', async () => {
    const { link, requests } = await linkTo((_request, response) => {
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.end(ANSWER);
    });
    const waiting = new Waiting();
    link.send(frame, waiting, { 'mcp-method': 'tools/call' });
    expect(await waiting.outcome).toBe('answered');
    expect(waiting.frames).toEqual([ANSWER]);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        authorization: 'x',
        'mcp-method': 'tools/call',
      },
    });
  });

  test('may be a stream, whose other events and empty ones are passed over', async () => {
    const { link } = await linkTo((_request, response) => {
      stream(response, `id: 1\ndata:\n\nevent: ping\ndata: x\n\ndata: ${NEWS}\n\ndata: ${ANSWER}\n\n`).end();
    });
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toBe('answered');
    expect(waiting.frames).toEqual([NEWS, ANSWER]);
  });

  test.each([
    [400, 'text/plain', 'no'],
    [404, 'application/json', ANSWER],
    [500, 'text/event-stream', 'data: 1\n\n'],
    [200, 'text/html', '<html>'],
    [202, 'text/plain', ''],
    [302, 'text/plain', ''],
  ])('with the status %i and the type %s is a refusal', async (status, type, body) => {
    const { link } = await linkTo((_request, response) => {
      response.writeHead(status, { 'content-type': type, location: '/x' }).end(body);
    });
    const waiting = new Waiting();
    link.send(frame, waiting);
    const refusal = (await waiting.outcome) as Refusal;
    expect([refusal.status, String(refusal.body)]).toEqual([status, body]);
  });

  test('that breaks off has failed, and may have been carried out', async () => {
    const { link } = await linkTo((_request, response) => {
      stream(response, `data: ${NEWS}\n\n`);
      setImmediate(() => response.destroy());
    });
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toMatchObject({ reached: true });
    expect(waiting.frames).toEqual([NEWS]);
  });
});

describe('a stream that ends before the answer', () => {
  test('is resumed after its last whole event, when the server wants it', async () => {
    const { link, requests } = await linkTo(({ method, headers }, response) => {
      if (method === 'POST') stream(response, `id: a1\nretry: 1\ndata: ${NEWS}\n\nid: a2\ndata: {"cut`).end();
      else if (headers['last-event-id'] === 'a1') stream(response, `id: a2\ndata: ${ANSWER}\n\n`);
    });
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toBe('answered');
    expect(waiting.frames).toEqual([NEWS, ANSWER]);
    expect(requests.map(({ method, headers }) => [method, headers['last-event-id']])).toEqual([
      ['POST', undefined],
      ['GET', 'a1'],
    ]);
  });

  test('is resumed with the id as the server wrote it, whatever its bytes mean', async () => {
    const { link, requests } = await linkTo(({ method }, response) => {
      const head = Buffer.from('id: é\xff\nretry: 1\ndata:\n\n', 'latin1');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(method === 'POST' ? head : `data: ${ANSWER}\n\n`);
    });
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toBe('answered');
    expect(requests[1]?.headers['last-event-id']).toBe('é\xff');
  });

  test('is given up where the server does not resume it', async () => {
    const { link } = await linkTo(({ method }, response) => {
      if (method === 'POST') stream(response, 'id: a1\nretry: 1\ndata:\n\n').end();
      else response.writeHead(405).end();
    });
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toMatchObject({ cause: expect.stringContaining('405'), reached: true });
  });

  test('is asked for again as often as the server ends it in order', async () => {
    let polls = 0;
    const { link } = await linkTo((_request, response) => {
      stream(response, polls++ < 7 ? `id: a1\nretry: 1\ndata: ${NEWS}\n\n` : `data: ${ANSWER}\n\n`).end();
    });
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toBe('answered');
    expect(polls).toBe(8);
  });

  test('has failed where there is nothing to resume after', async () => {
    const { link } = await linkTo((_request, response) => stream(response, 'data: x\n\n').end());
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toEqual({ cause: 'the stream ended before the answer', reached: true });
  });
});

describe('an exchange that has nothing more to bring', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const JSON_TYPE = { 'content-type': 'application/json' };

  /** A link to a server of which a test sees when an answer's connection is closed. */
  async function watchedLink(answer: (response: ServerResponse, request: Request) => void) {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const opened = await linkTo((request, response) => {
      response.once('close', resolve);
      answer(response, request);
    });
    return { ...opened, closed };
  }

  /** Writes without end, until nobody reads. */
  function flood(response: ServerResponse, part: string): void {
    if (response.destroyed) return;
    if (response.write(part)) setImmediate(() => flood(response, part));
    else response.once('drain', () => flood(response, part));
  }

  test('is ended a second or two after its answer where the server leaves its stream open', async () => {
    const { link, closed } = await watchedLink((response) => stream(response, `data: ${ANSWER}\n\n`));
    const waiting = new Waiting();
    link.send(frame, waiting);
    await waiting.outcome;
    vi.advanceTimersByTime(2_000);
    await closed;
  });

  test('may tell news of the server after its answer, but not without end', async () => {
    const { link, closed } = await watchedLink((response) => {
      stream(response, `data: ${ANSWER}\n\n`);
      setImmediate(() => flood(response, `data: ${NEWS}\n\n`));
    });
    const waiting = new Waiting();
    link.send(frame, waiting);
    await closed;
    expect(waiting.frames.slice(0, 2)).toEqual([ANSWER, NEWS]);
    expect(waiting.frames.length * NEWS.length).toBeLessThan(1024 * 1024);
  });

  test.each([
    ['a body', JSON_TYPE, ' '.repeat(1024 * 1024), /^It has more than \d+ bytes.*nothing raises this limit\.$/],
    [
      'an event',
      { 'content-type': 'text/event-stream' },
      `data: ${' '.repeat(1024 * 1024)}\n`,
      /^An event of it has more than \d+ bytes.*nothing raises this limit\.$/,
    ],
  ])('is ended at once where %s is too long', async (_what, headers, part, cause) => {
    const { link, closed } = await watchedLink((response) => flood(response.writeHead(200, headers), part));
    const waiting = new Waiting();
    link.send(frame, waiting);
    expect(await waiting.outcome).toMatchObject({ reached: true, cause: expect.stringMatching(cause) });
    await closed;
  });

  test('is ended where a refusal goes on and on', async () => {
    const { link, closed } = await watchedLink((response) => flood(response.writeHead(400), 'no'.repeat(1_000)));
    const waiting = new Waiting();
    link.send(frame, waiting);
    const { status, body } = (await waiting.outcome) as Refusal;
    expect([status, body.length]).toEqual([400, 64 * 1024]);
    await closed;
  });

  test.each([
    ['nothing', () => {}],
    ['a body without end', (response: ServerResponse) => flood(response.writeHead(202), 'x'.repeat(1_000))],
    ['a stream', (response: ServerResponse) => void stream(response, ': hello\n\n')],
  ])('is ended where a notification is answered with %s', async (_what, answer) => {
    const { link, closed, requests } = await watchedLink(answer);
    link.send(frame);
    await expect.poll(() => requests).toHaveLength(1);
    vi.advanceTimersByTime(11_000);
    await closed;
  });

  test('is awaited before many more notifications are sent: a server that pings in a loop opens no connection for each', async () => {
    const open: ServerResponse[] = [];
    const { link, requests } = await linkTo((_request, response) => void open.push(response));
    for (let count = 0; count < 100; count++) link.send(frame);
    await expect.poll(() => open).toHaveLength(64);
    for (const response of open.splice(0)) response.writeHead(202).end();
    await expect.poll(() => requests).toHaveLength(100);
    expect(open).toHaveLength(36);
  });

  test('keeps nobody waiting for the stream of the session, where the end of the handshake is not answered', async () => {
    const { link, requests } = await watchedLink((response, { method }) => {
      if (method === 'GET') stream(response, ': hello\n\n');
    });
    await link.settled('2025-11-25', frame);
    expect(requests.map(({ method }) => method)).toEqual(['POST']);
    vi.advanceTimersByTime(11_000);
    await expect.poll(() => requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  test('is ended where its stream was resumed, too, when it is cancelled', async () => {
    const resumed = Promise.withResolvers<ServerResponse>();
    const { link } = await linkTo(({ method }, response) => {
      if (method === 'POST') stream(response, 'id: a1\nretry: 1\ndata:\n\n').end();
      else resumed.resolve(stream(response, ': hello\n\n'));
    });
    const abort = link.send(frame, new Waiting());
    const response = await resumed.promise;
    const closed = new Promise((resolve) => response.once('close', resolve));
    abort();
    await closed;
  });

  test('fails its request where its one frame is no answer to it', async () => {
    const { link } = await linkTo((_request, response) => response.writeHead(200, JSON_TYPE).end(NEWS));
    const waiting = new Waiting();
    const failed = vi.spyOn(waiting, 'failed');
    link.send(frame, waiting);
    expect(await waiting.outcome).toMatchObject({ reached: true });
    expect(failed.mock.calls[0]?.[0]).toBeInstanceOf(NoAnswerError);
    expect(waiting.frames).toEqual([NEWS]);
  });
});

describe('a session', () => {
  const withSession: Answering = ({ method }, response) => {
    response.setHeader('mcp-session-id', 's1');
    if (method === 'GET') stream(response, `data: ${NEWS}\n\n`);
    else if (method === 'POST') response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
    else response.end();
  };

  test('that a server begins is named in what follows, with the revision, and ended', async () => {
    const { link, events, requests } = await linkTo(withSession);
    const waiting = new Waiting();
    link.send(frame, waiting);
    await waiting.outcome;
    expect(link.hasSession).toBe(true);
    void link.settled('2025-06-18', [Buffer.from('{"initialized":1}')]);
    await expect.poll(() => events.frame).toHaveBeenCalled();
    expect(String(events.frame.mock.calls[0]?.[0])).toBe(NEWS);
    await link.close();
    expect(events.ended).toHaveBeenCalledOnce();
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET', 'DELETE']);
    for (const { headers } of requests.slice(1)) {
      expect(headers).toMatchObject({ 'mcp-session-id': 's1', 'mcp-protocol-version': '2025-06-18' });
    }
  });

  test('is not ended where there is none', async () => {
    const { link, requests } = await linkTo((_request, response) => response.writeHead(202).end());
    link.send(frame);
    await expect.poll(() => requests).toHaveLength(1);
    await link.close();
    expect(requests).toHaveLength(1);
  });
});

test('a link that has been closed sends nothing, and says that nothing was carried out', async () => {
  const { link, requests } = await linkTo((_request, response) => response.end());
  await link.close();
  const waiting = new Waiting();
  link.send(frame, waiting);
  expect(await waiting.outcome).toEqual({ cause: 'the connection has been closed', reached: false });
  expect(requests).toEqual([]);
});
