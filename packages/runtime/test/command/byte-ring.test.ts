import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteRing } from '../../src/command/byte-ring.ts';

test('whatever is written comes out, in order and once, however much is written and read at a time', () => {
  const steps = fc.array(fc.record({ write: fc.nat(40), read: fc.nat(40) }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (all) => {
      const buffer = ByteRing.buffer(32);
      const [writer, reader] = [new ByteRing(buffer), new ByteRing(buffer)];
      const [sent, got]: [number[], number[]] = [[], []];
      for (const { write, read } of all) {
        const data = Uint8Array.from({ length: write }, (_, index) => (sent.length + index) % 251);
        sent.push(...data.subarray(0, writer.write(data)));
        const room = new Uint8Array(read);
        got.push(...room.subarray(0, reader.read(room)));
        expect(reader.readable).toBe(sent.length - got.length);
        expect(reader.readable).toBeLessThanOrEqual(32);
      }
      const rest = new Uint8Array(32);
      got.push(...rest.subarray(0, reader.read(rest)));
      expect(got).toEqual(sent);
    }),
  );
});

test('counts go on where 32 bits end', () => {
  const buffer = ByteRing.buffer(32);
  new Int32Array(buffer).fill(0x7fff_fff0, 0, 2);
  const ring = new ByteRing(buffer);
  const data = Uint8Array.from({ length: 32 }, (_, index) => index);
  const into = new Uint8Array(32);
  for (let round = 0; round < 3; round++) {
    expect(ring.write(data)).toBe(32);
    expect(ring.write(data)).toBe(0);
    expect(ring.read(into)).toBe(32);
    expect(into).toEqual(data);
  }
});

test('nobody waits for what is there already, or will never come', () => {
  const ring = new ByteRing(ByteRing.buffer(32));
  ring.write(new Uint8Array(32));
  ring.waitToRead();
  ring.refuse();
  ring.waitToWrite();
  ring.read(new Uint8Array(32));
  ring.end();
  ring.waitToRead();
  expect([ring.isEnded, ring.isRefused]).toEqual([true, true]);
});

test('the side that cannot sleep is told once until it comes', () => {
  const ring = new ByteRing(ByteRing.buffer(32));
  expect([ring.ring(), ring.ring()]).toEqual([true, false]);
  ring.answer();
  expect(ring.ring()).toBe(true);
});
