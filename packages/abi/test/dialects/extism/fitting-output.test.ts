import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mustFit } from '../../../src/dialects/extism/fitting-output.ts';
import { LONGEST_MESSAGE_BYTES } from '../../../src/longest-message.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** What an output has in JSON, in bytes, without its quotes. */
function written(bytes: Uint8Array): number {
  return encoder.encode(JSON.stringify(decoder.decode(bytes))).length - 2;
}

function fits(bytes: Uint8Array, limitBytes: number, isJson = false): boolean {
  try {
    mustFit(bytes, { limitBytes, isJson });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ABI_MESSAGE_TOO_LARGE', direction: 'from guest' });
    return false;
  }
}

describe('what a guest of Extism puts out', () => {
  test('fits where its JSON has no more bytes than a message may have, whatever text it is', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((one) => one.isWellFormed());
    fc.assert(
      fc.property(text, fc.integer({ min: -3, max: 3 }), (one, more) => {
        const bytes = encoder.encode(one);
        expect(fits(bytes, written(bytes) + more)).toBe(more >= 0);
      }),
    );
  });

  test('is counted as it is decoded, whatever bytes it is', () => {
    const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x90, 0xa0));
    fc.assert(
      fc.property(fc.array(byte, { minLength: 1, maxLength: 12 }), (some) => {
        const bytes = Uint8Array.from(some);
        const limit = written(bytes);
        expect(fits(bytes, limit)).toBe(true);
        expect(limit - 1 < bytes.length || !fits(bytes, limit - 1)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is refused where bytes that are no text become three each', () => {
    for (const bytes of [
      new Uint8Array(900).fill(0xff),
      new Uint8Array(900).fill(0xe2),
      new Uint8Array(900).fill(0x80),
    ]) {
      expect(written(bytes)).toBe(2_700);
      expect(fits(bytes, 2_700)).toBe(true);
      expect(fits(bytes, 2_699)).toBe(false);
    }
  });

  test('is refused where it is JSON whose values take more than eight times as much, and says so', () => {
    const nested = encoder.encode(`{"content":[${'[],'.repeat(10_000)}[]]}`);
    expect(fits(nested, nested.length, false)).toBe(false); // its quotes
    expect(fits(nested, nested.length + 2, false)).toBe(true);
    expect(() => mustFit(nested, { limitBytes: nested.length + 2, isJson: true })).toThrow(
      /the values of the message of the guest take more of the host's memory than the limit of \d+; pass less at once, or raise "maxMessageBytes" \("limits.maxMessageBytes" in lockgate.json\)/,
    );
    expect(fits(nested, nested.length * 5, true)).toBe(true);
  });
});

test('a text at which an engine may end the process is made under no limit', () => {
  const limitBytes = 2 ** 31;
  const text = new Uint8Array(LONGEST_MESSAGE_BYTES + 1).fill(0x61);
  expect(fits(text.subarray(1), limitBytes)).toBe(true);
  expect(() => mustFit(text, { limitBytes, isJson: false })).toThrow(
    expect.objectContaining({ code: 'ABI_MESSAGE_TOO_LARGE', limitBytes: LONGEST_MESSAGE_BYTES }),
  );
});
