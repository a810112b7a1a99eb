import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteRange } from '../../src/answers/byte-range.ts';

test('parts of any length, one after the other, are the text', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 30 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 0, max: 9 }), (text, length) => {
      const bytes = Buffer.from(text);
      const parts: string[] = [];
      let at = 0;
      while (at < bytes.length) {
        const { part, end } = byteRange(bytes, at, length);
        expect(end).toBeGreaterThan(at);
        parts.push(part.toString('utf8'));
        at = end;
      }
      expect(parts.join('')).toBe(bytes.toString('utf8'));
      expect(parts.every((part) => !part.includes('\ufffd') || text.includes('\ufffd'))).toBe(true);
    }),
  );
});

test('a part that begins inside a character begins after it', () => {
  expect(byteRange(Buffer.from('aéb'), 2, 9).part.toString()).toBe('b');
  expect(byteRange(Buffer.from('ab'), 5, 9).part.toString()).toBe('');
});
