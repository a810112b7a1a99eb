import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineReader, type LineReaderOptions } from '../../src/transport/line-reader.ts';
import { inChunks } from './in-chunks.ts';

function read(chunks: readonly Buffer[], options: Partial<LineReaderOptions> = {}): string[] {
  const lines: string[] = [];
  const reader = new LineReader({
    onLine: (line) => lines.push(line.toString()),
    onTooLong: (maxBytes) => lines.push(`<more than ${maxBytes}>`),
    ...options,
  });
  for (const chunk of chunks) reader.append(chunk);
  reader.end();
  return lines;
}

const text = fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll(/[\r\n\ufeff]/g, ' '));
const cuts = fc.array(fc.nat({ max: 7 }), { maxLength: 200 });

test('however the bytes are cut, the lines are the same', () => {
  const ended = fc.tuple(text, fc.constantFrom('\n', '\r\n'));
  fc.assert(
    fc.property(fc.array(ended), cuts, (lines, sizes) => {
      const bytes = Buffer.from(lines.map(([line, end]) => line + end).join(''));
      expect(read(inChunks(bytes, sizes))).toEqual(lines.map(([line]) => line));
    }),
  );
});

test('however many lines are read at once, the lines are the same', () => {
  const ended = fc.tuple(text, fc.constantFrom('\n', '\r\n', '\r'));
  fc.assert(
    fc.property(fc.array(ended), fc.integer({ min: 1, max: 5 }), fc.boolean(), (lines, atOnce, loneCr) => {
      const bytes = Buffer.from(lines.map(([line, end]) => line + end).join(''));
      const found: string[] = [];
      const onLine = (line: Buffer) => void found.push(line.toString());
      const reader = new LineReader({ onLine, onTooLong: () => {}, loneCr });
      let rest: Buffer | undefined = bytes;
      while (rest) {
        const before = found.length;
        rest = reader.append(rest, atOnce);
        expect(found.length - before).toBeLessThanOrEqual(atOnce);
      }
      reader.end();
      expect(found).toEqual(read([bytes], { loneCr }));
    }),
  );
});

test('where a carriage return alone ends a line, it does so however the bytes are cut', () => {
  const ended = fc.tuple(text, fc.constantFrom('\n', '\r\n', '\r'));
  fc.assert(
    fc.property(fc.array(ended), cuts, (lines, sizes) => {
      const bytes = Buffer.from(lines.map(([line, end]) => line + end).join(''));
      const whole = read([bytes], { loneCr: true });
      expect(read(inChunks(bytes, sizes), { loneCr: true })).toEqual(whole);
      // A carriage return and an empty line that ends with a line feed are one end.
      expect(whole).toEqual(
        lines.flatMap(([line, end], at) => (end === '\n' && line === '' && lines[at - 1]?.[1] === '\r' ? [] : [line])),
      );
    }),
  );
});

describe('a line', () => {
  test('that is not complete is kept back until its end, or the end of the input', () => {
    const lines: string[] = [];
    const reader = new LineReader({ onLine: (line) => lines.push(line.toString()), onTooLong: () => {} });
    reader.append(Buffer.from('{"a":'));
    expect(lines).toEqual([]);
    reader.append(Buffer.from('1}\nlast'));
    expect(lines).toEqual(['{"a":1}']);
    reader.end();
    reader.end();
    expect(lines).toEqual(['{"a":1}', 'last']);
  });

  test('with a carriage return within keeps it where only line feeds end lines', () => {
    expect(read([Buffer.from('a\rb\r\n')])).toEqual(['a\rb']);
  });

  test('loses a byte order mark in front of it, wherever it was cut', () => {
    const bytes = Buffer.from('\ufeff{}\n\ufeff[]\n');
    fc.assert(
      fc.property(cuts, (sizes) => {
        expect(read(inChunks(bytes, sizes))).toEqual(['{}', '[]']);
      }),
    );
  });

  test('of which the longest allowed is one byte shorter is refused once, and the next is read', () => {
    const bytes = Buffer.from('12345678\n123456789\r\n123456789012345678901\nnext\n');
    const expected = ['12345678', '<more than 8>', '<more than 8>', 'next'];
    fc.assert(
      fc.property(cuts, (sizes) => {
        expect(read(inChunks(bytes, sizes), { maxBytes: 8 })).toEqual(expected);
      }),
    );
  });
});

test('a line that comes byte by byte holds no chunk of it', () => {
  const lines: Buffer[] = [];
  const reader = new LineReader({ onLine: (line) => lines.push(line), onTooLong: () => {} });
  const chunk = Buffer.alloc(1);
  for (let at = 0; at < 1_000; at++) {
    chunk.fill(at < 500 ? 'a' : 'b');
    reader.append(chunk);
  }
  reader.append(Buffer.from('\n'));
  expect(lines[0]?.subarray(400).toString()).toBe('a'.repeat(100) + 'b'.repeat(500));
});

test('both ends of a line that is too long are told once it has ended, however the bytes are cut', () => {
  const long = `${'b'.repeat(256)}${'m'.repeat(2_000)}${'e'.repeat(256)}`;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 20 }), (sizes) => {
      const onLongLine = (begin: Buffer, end: Buffer) => void told.push(`${begin}`, `${end}`);
      const told: string[] = [];
      const lines = read(inChunks(Buffer.from(`one\n${long}\ntwo\n`), sizes), { maxBytes: 1_000, onLongLine });
      expect(told).toEqual(['b'.repeat(256), 'e'.repeat(256)]);
      expect(lines).toEqual(['one', 'two']);
    }),
  );
});
