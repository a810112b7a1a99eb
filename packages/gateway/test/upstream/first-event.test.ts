import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstEvent } from '../../src/upstream/first-event.ts';

const streamOf = (...pieces: string[]): Readable => Readable.from(pieces.map((piece) => Buffer.from(piece)));

test.each([
  ['one event', ['event: message\ndata: {"a":1}\n\n'], '{"a":1}'],
  ['one event without a name', ['data: {"a":1}\n\n'], '{"a":1}'],
  ['data on two lines', ['data: {"a":\ndata: 1}\n\n'], '{"a":\n1}'],
  ['more after the first piece', ['data: 1\n\n', 'data: 2\n\n'], '1'],
  ['two events at once', ['data: 1\n\ndata: 2\n\n'], undefined],
  ['an event that goes on', ['data: 1\n\ndata: 2'], undefined],
  ['an event in two pieces', ['data: {"a"', ':1}\n\n'], undefined],
  ['an id, to go on from', ['id: 7\ndata: 1\n\n'], undefined],
  ['a time to wait', ['retry: 10\ndata: 1\n\n'], undefined],
  ['a comment', [': still here\n\n'], undefined],
  ['another event', ['event: other\ndata: 1\n\n'], undefined],
])('a stream with %s', async (_what, pieces, data) => {
  expect((await firstEvent(streamOf(...pieces))).data).toBe(data);
});

test('the stream is whole, whatever was read of it', async () => {
  const piece = fc.string({ minLength: 1, unit: 'grapheme' });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1 }), async (pieces) => {
      const { whole } = await firstEvent(streamOf(...pieces));
      expect(await text(whole())).toBe(pieces.join(''));
    }),
  );
});

test('a stream that ends or breaks before its first event is an error', async () => {
  await expect(firstEvent(streamOf())).rejects.toThrow('ended before its first event');
  const broken = new Readable({ read: () => void broken.destroy(new Error('cut')) });
  await expect(firstEvent(broken)).rejects.toThrow('cut');
});
