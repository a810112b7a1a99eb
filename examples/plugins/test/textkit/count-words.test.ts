import { expect, test } from 'vitest';
import { openPlugin } from '../raw-host.ts';

const count = (text: string, more = {}): Record<string, number> =>
  JSON.parse(openPlugin('textkit').execute('count_words', { text, ...more }).data);

test.each([
  ['', 0],
  ['one', 1],
  ["don't stop, well-known: 3.14 or 1,000", 6],
  ['snake_case is one', 3],
  ['— … • 🙂 !', 0],
  ['Привет мир', 2],
  ['今天天气很好。', 6],
  ['東京 is 大きい', 6],
  ['한국어 단어', 2],
  ['cafe\u0301 ole\u0301', 2],
])('%j has %i words', (text, words) => {
  expect(count(text).words).toBe(words);
});

test('characters are code points, not UTF-16 units', () => {
  expect(count('a🙂b').characters).toBe(3);
});

test.each([
  ['One. Two! Three?', 3],
  ['Version 1.2.3 is out. Get it at example.com', 2],
  ['Wait... what?!', 2],
  ['你好。再见。', 2],
  ['no end', 1],
  ['...', 0],
])('%j has %i sentences', (text, sentences) => {
  expect(count(text).sentences).toBe(sentences);
});

test('a line break at the end starts no line, and empty lines part paragraphs', () => {
  expect(count('a\nb\n')).toMatchObject({ lines: 2, paragraphs: 1 });
  expect(count('a\n\n \t\nb\nc\r\n\r\nd')).toMatchObject({ lines: 7, paragraphs: 3 });
});

test('reading time follows the speed given, rounded up', () => {
  const text = 'word '.repeat(461);
  expect(count(text).reading_seconds).toBe(121);
  expect(count(text, { words_per_minute: 461 }).reading_seconds).toBe(60);
});
