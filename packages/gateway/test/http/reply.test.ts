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

/** What a client is answered by a reply that this does something with. */
async function answered(use: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => use(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return answer.text();
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
