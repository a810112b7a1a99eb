import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Environment } from '../src/cache-key.ts';
import { decodeHead, type EntryDescription, encodeHead, HEAD_BYTES, mismatch } from '../src/entry.ts';

// Every byte counts in this checksum, which needs no addon.
const checksum = (bytes: Uint8Array): bigint => {
  let sum = BigInt(bytes.byteLength);
  for (const byte of bytes) sum = (sum * 1099511628211n + BigInt(byte)) & 0xffff_ffff_ffff_ffffn;
  return sum;
};
const environment: Environment = {
  node: 'v26.0.0',
  v8: '14.6',
  abi: '147',
  arch: 'x64',
  platform: 'linux',
  build: 'abcdef',
  traps: 'handler',
  flags: 7,
};
const description: EntryDescription = {
  wasm: 'f'.repeat(64),
  wasmBytes: 1000,
  environment,
  kind: 'profile',
  generation: 3,
  costMs: 40,
  looks: 2,
  learnedBytes: 300,
};
const payload = Uint8Array.from({ length: 500 }, (_, i) => i);
const head = encodeHead(description, payload, checksum);
const whole = HEAD_BYTES + payload.byteLength;

describe('the head of an entry', () => {
  test('comes back as it was written', () => {
    expect(decodeHead(head, whole, checksum)).toEqual({
      description,
      payloadBytes: 500,
      payloadChecksum: checksum(payload),
    });
  });

  test('is a page, so that the code behind it can be mapped', () => {
    expect(head.byteLength).toBe(4096);
  });

  test('every single flipped bit is found', () => {
    fc.assert(
      fc.property(fc.nat(HEAD_BYTES * 8 - 1), (bit) => {
        const flipped = Uint8Array.from(head);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return typeof decodeHead(flipped, whole, checksum) === 'string';
      }),
      { numRuns: 300, examples: Array.from({ length: 320 }, (_, bit): [number] => [bit]) },
    );
  });

  test.each([0, 1, 7, 8, 40, 4095])('%i bytes are no head', (length) => {
    expect(decodeHead(head.subarray(0, length), whole, checksum)).toBe(`${length} bytes are no whole head`);
  });

  test.each([
    [whole - 1, /4595 bytes where 4596 belong/],
    [whole + 1, /4597 bytes where 4596 belong/],
    [HEAD_BYTES, /4096 bytes where 4596 belong/],
    [2 ** 40, /belong/],
  ])('a file of %i bytes does not fit', (bytes, why) => {
    expect(decodeHead(head, bytes, checksum)).toMatch(why);
  });

  test('a later format is left alone', () => {
    const later = Uint8Array.from(head);
    later[8] = 2;
    expect(decodeHead(later, whole, checksum)).toBe('unknown format 2');
  });

  test('a description that does not fit is refused', () => {
    const long = { ...description, environment: { ...environment, build: 'x'.repeat(5000) } };
    expect(() => encodeHead(long, payload, checksum)).toThrow(RangeError);
  });
});

describe('whom an entry is for', () => {
  test('its own module in its own environment', () => {
    expect(mismatch(description, description.wasm, { ...environment })).toBeUndefined();
  });

  test('not another module', () => {
    expect(mismatch(description, 'e'.repeat(64), environment)).toMatch(/another module/);
  });

  test.each(Object.keys(environment) as (keyof Environment)[])('not an environment with another %s', (key) => {
    const other = { ...environment, [key]: key === 'flags' ? 8 : 'other' };
    expect(mismatch(description, description.wasm, other)).toMatch(/another engine or under other flags/);
  });
});
