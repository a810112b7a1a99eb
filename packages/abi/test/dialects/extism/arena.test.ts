import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena } from '../../../src/dialects/extism/arena.ts';

const CEILING = 512 * 1024;

const step = fc.oneof(
  fc.record({ kind: fc.constant('allocate' as const), byteLength: fc.integer({ min: 1, max: 40_000 }) }),
  fc.record({ kind: fc.constant('free' as const), index: fc.nat({ max: 50 }) }),
  fc.record({ kind: fc.constant('reset' as const) }),
);

test('blocks keep what was put into them until they end, and never overlap', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const arena = new Arena(CEILING);
      let live: { handle: number; bytes: Uint8Array }[] = [];
      for (const [number, one] of steps.entries()) {
        if (one.kind === 'allocate') {
          const bytes = new Uint8Array(one.byteLength).fill(number + 1);
          const handle = arena.place(bytes);
          if (handle !== 0) live.push({ handle, bytes });
        } else if (one.kind === 'free') {
          const [freed] = live.splice(one.index, 1);
          if (freed) arena.free(freed.handle);
        } else {
          arena.reset();
          live = [];
        }
        expect(arena.byteLength).toBeLessThanOrEqual(CEILING);
        for (const { handle, bytes } of live) {
          expect(arena.lengthOf(handle)).toBe(bytes.length);
          expect(Buffer.compare(arena.view(handle, bytes.length), bytes)).toBe(0);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('a guest that takes and frees for ever stays within what it holds at once', () => {
  const arena = new Arena(CEILING);
  for (let index = 0; index < 100_000; index += 1) arena.free(arena.allocate(1 + 37 * (index % 50)));
  expect(arena.byteLength).toBeLessThanOrEqual(CEILING);
  expect(arena.allocate(1_800)).not.toBe(0);
});

test('a block holds nothing of what was there before the arena was reset', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 30_000 }), { maxLength: 20 }), (texts) => {
      const arena = new Arena(CEILING);
      for (const text of texts) arena.placeText(text);
      const used = arena.byteLength;
      arena.reset();
      const handle = arena.allocate(used - 64);
      expect(handle).not.toBe(0);
      expect(arena.view(handle, used - 64).every((byte) => byte === 0)).toBe(true);
    }),
    { numRuns: 30 },
  );
});
