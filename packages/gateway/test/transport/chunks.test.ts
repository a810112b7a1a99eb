import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chunks } from '../../src/transport/chunks.ts';

function kept(chunks: Iterable<Buffer>): Chunks {
  const all = new Chunks();
  for (const chunk of chunks) all.append(chunk);
  return all;
}

test('chunks of all sizes come out as they went in, each time anew', () => {
  const size = fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 5_000 }), fc.nat({ max: 150_000 }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 60 }), fc.array(size, { maxLength: 60 }), (...rounds) => {
      const chunks = new Chunks();
      let mark = 0;
      for (const sizes of rounds) {
        const parts = sizes.map((length) => Buffer.alloc(length, ++mark));
        for (const part of parts) chunks.append(part);
        const expected = Buffer.concat(parts);
        expect(chunks.byteLength).toBe(expected.length);
        expect(chunks.take().equals(expected)).toBe(true);
        expect(chunks.byteLength).toBe(0);
      }
    }),
    { numRuns: 50 },
  );
});

test('the only chunk is not copied', () => {
  const chunk = Buffer.from('{}');
  expect(kept([chunk, Buffer.alloc(0)]).take()).toBe(chunk);
});

test('small chunks that come in numbers are copied and let go', () => {
  const chunks = new Chunks();
  const byte = Buffer.alloc(1);
  for (let at = 0; at < 100_000; at++) {
    byte[0] = at % 251;
    chunks.append(byte);
    if (at % 5_000 === 0) chunks.append(Buffer.alloc(100_000));
  }
  const all = chunks.take();
  expect([all.length, ...all.subarray(-4)]).toEqual([
    2_100_000,
    ...[99_996, 99_997, 99_998, 99_999].map((at) => at % 251),
  ]);
});
