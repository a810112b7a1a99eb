import { expect, test } from 'vitest';
import { randomInterfaces } from '../../src/component/random.ts';

const MIB = 1_048_576;
const ask = (mostBytes: number, length: bigint): Uint8Array => {
  const interfaces = randomInterfaces(mostBytes);
  const of = (name: string, call: string) => interfaces[name]?.[call] as unknown as (length: bigint) => Uint8Array;
  const bytes = of('wasi:random/random', 'get-random-bytes')(length);
  expect(of('wasi:random/insecure', 'get-insecure-random-bytes')(length)).toHaveLength(bytes.length);
  return bytes;
};

test.each([0, 1, MIB + 1, 16 * MIB])('a component gets %d random bytes at once where so many pass', (length) => {
  const bytes = ask(16 * MIB, BigInt(length));
  expect(bytes).toHaveLength(length);
  if (length > MIB) expect(new Set(bytes.subarray(-4_096)).size).toBeGreaterThan(100);
});

test.each([16n * 1_048_576n + 1n, 2n ** 64n - 1n])(
  '%d are refused before there are any, with what it may have',
  (length) => {
    expect(() => ask(16 * MIB, length)).toThrow(`${length} random bytes are asked for, and 16777216 pass`);
  },
);
