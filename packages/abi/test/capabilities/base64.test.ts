import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, toBase64, toBase64Anywhere } from '../../src/capabilities/base64.ts';

test('bytes are the same base64 with and without what the engine has, also in the middle of a buffer, and come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), fc.nat(9), (all, from) => {
      const bytes = all.subarray(from);
      const text = toBase64(bytes);
      expect(toBase64Anywhere(bytes)).toBe(text);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(text)).toEqual(bytes);
    }),
    { numRuns: 200 },
  );
});
