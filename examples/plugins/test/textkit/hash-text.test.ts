import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { openPlugin } from '../raw-host.ts';

const plugin = openPlugin('textkit');
const hash = (text: string, algorithm?: string): unknown =>
  JSON.parse(plugin.execute('hash_text', algorithm ? { text, algorithm } : { text }).data);

// 55, 56, 63, 64 and 119 bytes are where the padding starts another block.
const texts = ['', 'abc', 'é日🙂', ...[55, 56, 63, 64, 65, 119, 120, 1000, 70_001].map((length) => 'x'.repeat(length))];

test.each(['sha256', 'sha1', 'md5'])('%s agrees with node:crypto', (algorithm) => {
  for (const text of texts) {
    const hex = createHash(algorithm).update(text).digest('hex');
    expect(hash(text, algorithm)).toEqual({ algorithm, hex, bytes: Buffer.byteLength(text) });
  }
});

test('crc32 agrees with node:zlib', () => {
  for (const text of texts) {
    expect(hash(text, 'crc32')).toMatchObject({ hex: crc32(text).toString(16).padStart(8, '0') });
  }
});

test('sha256 is what an unnamed algorithm means', () => {
  expect(hash('abc')).toMatchObject({
    algorithm: 'sha256',
    hex: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
});
