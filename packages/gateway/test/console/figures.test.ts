import { expect, test } from 'vitest';
import { bytes, milliseconds, rough } from '../../console/figures.ts';
import { span } from '../../src/console/span.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [999_600, '1.0 MB'],
  [148_200_000, '148 MB'],
])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text));

test.each([
  [0.42, '0.42 ms'],
  [12.34, '12.3 ms'],
  [480, '480 ms'],
  [1_240, '1.24 s'],
  [200_000, '3 min 20 s'],
])('%d milliseconds are %s', (value, text) => expect(milliseconds(value)).toBe(text));

test.each([
  [-5, '0 s'],
  [8_000, '8 s'],
  [59_999, '59 s'],
  [3_600_000, '1 h'],
  [273_600_000, '3 d 4 h'],
])('a time of %d ms is %s', (value, text) => expect(span(value)).toBe(text));

test.each([
  [0, '0'],
  [0.04, '0.04'],
  [12.34, '12.3'],
  [1_234.5, '1,235'],
])('a rate of %d is %s', (value, text) => expect(rough(value)).toBe(text));
