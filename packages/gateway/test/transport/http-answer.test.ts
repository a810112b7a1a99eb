import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readAnswerable } from '../../src/http/too-large.ts';
import { type ReadBody, readBody } from '../../src/transport/http-answer.ts';

function bodyOf(request: EventEmitter, maxBytes: number): Promise<ReadBody> {
  const { promise, resolve } = Promise.withResolvers<ReadBody>();
  readBody(Object.assign(request, { headers: {} }) as IncomingMessage, maxBytes, resolve);
  return promise;
}

/** Both ends of a body that is too large, where its first byte is an `a`. */
function endsOf(request: EventEmitter, length?: number): Promise<ReadBody | readonly [string, string]> {
  const { promise, resolve } = Promise.withResolvers<ReadBody | readonly [string, string]>();
  const headers = length === undefined ? {} : { 'content-length': String(length) };
  readBody(Object.assign(request, { headers }) as IncomingMessage, 4, resolve, {
    isWanted: (begin) => begin[0] === 97,
    onLong: ({ begin, end }) => resolve([String(begin), String(end)]),
  });
  return promise;
}

describe('a body', () => {
  const body = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

  test('comes whole up to the limit', async () => {
    expect(String(await bodyOf(body('ab', 'cd'), 4))).toBe('abcd');
    expect(await bodyOf(body(), 4)).toHaveLength(0);
  });

  test('is refused as soon as it is longer, although it goes on', async () => {
    const request = new Readable({ read: () => {} });
    const read = bodyOf(request, 4);
    request.push(Buffer.from('ab'));
    request.push(Buffer.from('cde'));
    expect(await read).toBe('too large');
    request.destroy();
  });

  test.each([1, 20, 40])('that is too large may be an answer though its first piece has %s bytes', async (length) => {
    const answer = `{"jsonrpc":"2.0","id":"a","result":{"x":"${'x'.repeat(400)}"}}`;
    const pieces = body(answer.slice(0, length), answer.slice(length));
    const headers = { 'content-length': String(answer.length) };
    const ends = await readAnswerable(Object.assign(pieces, { headers }) as IncomingMessage, 300);
    expect(ends).toMatchObject({ byteLength: answer.length, begin: Buffer.from(answer.slice(0, 256)) });
  });

  test.each(['{"jsonrpc":"2.0","id":1,"method":"', 'x', '[{"jsonrpc"'])(
    'that is too large and begins with %s is refused at once',
    async (begin) => {
      const pieces = new Readable({ read: () => {} });
      const read = readAnswerable(Object.assign(pieces, { headers: { 'content-length': '900' } }) as never, 300);
      pieces.push(Buffer.from(begin));
      expect(await read).toBe('too large');
      pieces.destroy();
    },
  );

  test.each([undefined, 600])(
    'that is too large is read to its end where that is wanted (length: %s)',
    async (length) => {
      const ends = await endsOf(body('abc', 'd'.repeat(400), 'e'.repeat(197)), length);
      expect(ends).toEqual([`abc${'d'.repeat(253)}`, `${'d'.repeat(59)}${'e'.repeat(197)}`]);
      const unwanted = new Readable({ read: () => {} });
      const read = endsOf(unwanted, length);
      unwanted.push(Buffer.from('b'.repeat(5)));
      expect(await read).toBe('too large');
      unwanted.destroy();
    },
  );

  test('that breaks off is no fault', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('socket hang up'));
      },
    });
    expect(await bodyOf(broken, 4)).toBe('aborted');
  });

  test('that comes byte by byte holds no chunk of it', async () => {
    const request = new EventEmitter();
    const read = bodyOf(request, 1_000);
    const chunk = Buffer.alloc(1);
    for (let at = 0; at < 1_000; at++) request.emit('data', chunk.fill(at < 500 ? 'a' : 'b'));
    request.emit('end');
    expect(String(await read).slice(400)).toBe('a'.repeat(100) + 'b'.repeat(500));
  });
});
