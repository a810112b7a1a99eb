import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlainSender } from '../../../src/transport/plain/plain-sender.ts';
import { listening, rawServer, type Told } from './raw-server.ts';

const RUNS = 1_000;

const header = fc.constantFrom(
  'content-length: 5',
  'Content-Length: 0',
  'content-length: +5',
  'content-length: 5, 5',
  'content-length : 5',
  'transfer-encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'connection: close',
  'connection: keep-alive',
  'connection: upgrade',
  'set-cookie: a=b',
  'x-a: 1',
  'x-a:  2 ',
  'x-b:',
  ' folded',
  'x-é: ü',
  'keep-alive: timeout=5',
);
const start = fc.constantFrom(
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200',
  'HTTP/1.1 404 Not\tFound',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 99 Odd',
  'HTTP/1.1  200 OK',
  'ICY 200 OK',
);
const body = fc.constantFrom(
  '',
  'hello',
  'hel',
  'hello and more',
  '5\r\nhello\r\n0\r\n\r\n',
  '000000000005\r\nhello\r\n0\r\n\r\n',
  '2\r\nhe\r\n03\r\nllo\r\n0\r\nx-t: 1\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nx-t: \n\r\n',
  '5\nhello\n0\n\n',
  '5\r\nhelloX\r\n0\r\n\r\n',
  'fffffffff\r\n',
  'zz\r\n',
);
const answer = fc
  .record({
    start,
    headers: fc.array(header, { maxLength: 4 }),
    eol: fc.constantFrom('\r\n', '\r\n', '\r\n', '\n'),
    body,
  })
  .map(({ start: first, headers, eol, body: last }) => `${[first, ...headers].join(eol)}${eol}${eol}${last}`);
const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 4 });

/** Writes the pieces one after the other, each in a turn of its own, and ends. */
function write(socket: Socket, pieces: readonly string[]): void {
  const [first, ...rest] = pieces;
  if (first === undefined) {
    socket.end();
    return;
  }
  socket.write(first, 'latin1', () => setImmediate(() => write(socket, rest)));
}

function pieces(text: string, at: readonly number[]): string[] {
  const places = [0, ...at.filter((place) => place < text.length).toSorted((a, b) => a - b), text.length];
  return places.slice(1).map((end, index) => text.slice(places[index], end));
}

/** What follows an answer that is whole makes no difference. */
function byNode(url: URL): Promise<Told> {
  const { handler, told } = listening();
  const asked = request(url, { agent: false });
  let answered: IncomingMessage | undefined;
  asked.on('error', (error) => {
    if (!answered?.complete) handler.onError(error);
  });
  asked.on('response', (response) => {
    answered = response;
    handler.onHead(response.statusCode as number, response.headers);
    const fail = (error: Error): void => {
      if (!response.complete) handler.onError(error);
    };
    response.on('data', handler.onData).on('end', handler.onEnd).on('error', fail);
  });
  asked.end();
  return told;
}

/** What a user of the client can tell of it: of an answer that failed, that it did. */
const seen = ({ failure, status, headers, body: text }: Told): object =>
  failure ? { failed: true } : { status, headers, body: text };

test('an answer is read as Node reads it, however it was cut', async () => {
  let now: readonly string[] = [];
  await using server = await rawServer((socket) => write(socket, now));
  const sender = new PlainSender();
  await fc.assert(
    fc.asyncProperty(answer, cuts, async (text, at) => {
      now = pieces(text, at);
      const expected = await byNode(server.url);
      const { handler, told } = listening();
      sender.send(server.url, { method: 'GET', headers: {}, body: undefined }, handler);
      expect(seen(await told)).toEqual(seen(expected));
    }),
    { numRuns: RUNS },
  );
});
