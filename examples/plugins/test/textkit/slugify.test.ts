import { expect, test } from 'vitest';
import { openPlugin } from '../raw-host.ts';

const slug = (text: string, more = {}): string => openPlugin('textkit').execute('slugify', { text, ...more }).data;

test.each([
  ['Hello, World!', 'hello-world'],
  ['  --Already--slugged_text  ', 'already-slugged-text'],
  ["What's new in ES2026?", 'whats-new-in-es2026'],
  ['Crème Brûlée für Ångström', 'creme-brulee-fur-angstrom'],
  ['Straße, Œuvre, Þór, Łódź, Đà Nẵng, İstanbul, ĲSSEL', 'strasse-oeuvre-thor-lodz-da-nang-istanbul-ijssel'],
  ['ŞƏHƏR ǅep Ȧb', 'səhər-dzep-ab'],
  ['Cafe\u0301', 'cafe'],
  ['Привет, МИР', 'привет-мир'],
  ['日本語 タイトル 🎌', '日本語-タイトル'],
  ['🙂🙂', ''],
])('%j becomes %j', (text, expected) => {
  expect(slug(text)).toBe(expected);
});

test('every precomposed Latin letter loses its marks as NFD says', () => {
  const ranges = [0xc0, 0x17f, 0x1cd, 0x1f5, 0x200, 0x21b, 0x1e00, 0x1e99, 0x1ea0, 0x1ef9];
  for (let r = 0; r < ranges.length; r += 2) {
    for (let code = ranges[r] ?? 0; code <= (ranges[r + 1] ?? 0); code++) {
      const base = String.fromCodePoint(code).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
      if (/^[a-z]$/.test(base)) expect(slug(String.fromCodePoint(code)), `U+${code.toString(16)}`).toBe(base);
    }
  }
});

test('takes another separator and cuts between words', () => {
  expect(slug('one two three', { separator: '_' })).toBe('one_two_three');
  expect(slug('one two three', { max_length: 9 })).toBe('one-two');
  expect(slug('one two three', { max_length: 7 })).toBe('one-two');
  expect(slug('abcdef', { max_length: 3 })).toBe('abc');
  expect(slug('𠮷𠮷', { max_length: 3 })).toBe('𠮷');
});
