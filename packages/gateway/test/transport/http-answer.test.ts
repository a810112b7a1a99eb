import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
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
