import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldBytes } from '../../src/transport/held-bytes.ts';

test('gives what it was given, in order and in pieces of at most a size, and says what it keeps of it', () => {
  const step = fc.oneof(
    fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 }), { maxLength: 4 }),
    fc.integer({ min: 0, max: 9 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const held = new HeldBytes();
      let waiting = '';
      let parts: string[] = [];
      for (const one of steps) {
        if (typeof one === 'number') {
          const taken = Buffer.concat(held.take(one)).toString();
          expect(taken).toBe(waiting.slice(0, one));
          waiting = waiting.slice(one);
        } else {
          held.append(one.map((part) => Buffer.from(part)));
          waiting += one.join('');
          parts = [...parts, ...one];
        }
        // Parts of which everything has left are at the front.
        while (parts.slice(1).join('').length >= waiting.length && parts.length > 0) parts = parts.slice(1);
        expect([held.byteLength, held.keptBytes]).toEqual([waiting.length, parts.join('').length]);
      }
      held.clear();
      expect([held.byteLength, held.keptBytes, held.take(9)]).toEqual([0, 0, []]);
    }),
  );
});
