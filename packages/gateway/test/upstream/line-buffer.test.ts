import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineBuffer } from '../../src/upstream/line-buffer.ts';

function linesOf(buffer: LineBuffer): string[] {
  const lines: string[] = [];
  for (let line = buffer.next(); line !== undefined; line = buffer.next()) lines.push(line);
  return lines;
}

test('however the bytes are cut, the lines are the same', () => {
  const text = fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ' '));
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.nat({ max: 7 })), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const buffer = new LineBuffer();
      const read: string[] = [];
      let start = 0;
      for (const size of [...cuts, bytes.length]) {
        buffer.append(bytes.subarray(start, start + size));
        read.push(...linesOf(buffer));
        start += size;
      }
      expect(read).toEqual(lines);
    }),
  );
});

test('a line that is not complete is kept back, and one that gets too long is refused', () => {
  const buffer = new LineBuffer(8);
  buffer.append(Buffer.from('12345678'));
  expect(buffer.next()).toBeUndefined();
  expect(() => buffer.append(Buffer.from('9'))).toThrow('a line is longer than 8 bytes');
  buffer.append(Buffer.from('next\n'));
  expect(linesOf(buffer)).toEqual(['next']);
});
