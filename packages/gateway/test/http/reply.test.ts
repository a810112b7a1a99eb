import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Reply } from '../../src/http/reply.ts';
import { SessionReply } from '../../src/http/session-reply.ts';
import type { RequestWire } from '../../src/session/answer-request.ts';
import { ResumableStream } from '../../src/session/resumable-stream.ts';
import { StreamLog } from '../../src/session/stream-log.ts';
import { KeepAlive, type KeptAlive } from '../../src/transport/keep-alive.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Where requests come to this. */
async function served(use: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => use(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** What a client is answered by a reply that this does something with. */
async function answered(use: (response: ServerResponse) => void): Promise<string> {
  return (await fetch(await served(use))).text();
}

const common = { accepted: { json: true, stream: true }, headers: {}, keepAlive: new KeepAlive(() => 0) };
const elsewhere: string[] = [];

const KINDS = {
  'a reply': (response: ServerResponse) => new Reply({ ...common, response, statusOf: () => 200 }),
  'a reply of a session': (response: ServerResponse) =>
    new SessionReply({
      ...common,
      response,
      openStream: () => new ResumableStream('1', new StreamLog()),
      primes: false,
      sendElsewhere: (frame) => void elsewhere.push(String(frame)),
    }),
} satisfies Record<string, (response: ServerResponse) => RequestWire & KeptAlive>;

const frame = (text: string) => [Buffer.from(text)];

describe.each(Object.entries(KINDS))('%s that is over', (_kind, open) => {
  test.each([
    ['in one piece', false],
    ['as a stream', true],
  ])('%s takes nothing more', async (_what, streams) => {
    const text = await answered((response) => {
      const reply = open(response);
      if (streams) reply.send(frame('"before"'), false);
      reply.end(frame('"answer"'));
      reply.send(frame('"late"'), true);
      reply.send(frame('"question"'), false);
      reply.sign();
      reply.end(frame('"second"'));
      reply.end(undefined);
    });
    expect(text.match(/"\w+"/g)).toEqual(streams ? ['"before"', '"answer"'] : ['"answer"']);
    expect(elsewhere).toEqual([]);
  });
});

test.each([
  ['before anything was sent on it', false],
  ['while it was a stream', true],
])('a reply of a session is read no more when its client has left %s', async (_when, streams) => {
  const read: boolean[] = [];
  const left = Promise.withResolvers<void>();
  const came = Promise.withResolvers<void>();
  const aborting = new AbortController();
  const url = await served((response) => {
    const reply = KINDS['a reply of a session'](response);
    if (streams) reply.send(frame('"before"'), false);
    read.push(reply.isRead);
    response.on('close', () => {
      read.push(reply.isRead);
      left.resolve();
    });
    came.resolve();
  });
  const answer = fetch(url, { signal: aborting.signal }).catch(() => undefined);
  await came.promise;
  aborting.abort();
  await Promise.all([answer, left.promise]);
  expect(read).toEqual([true, false]);
});
