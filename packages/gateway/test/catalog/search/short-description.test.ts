import { expect, test } from 'vitest';
import { shortDescription } from '../../../src/catalog/search/short-description.ts';

test.each([
  ['Opens an issue. Then it tells you.', 'Opens an issue.'],
  ['Sends mail, e.g. to you. Not more.', 'Sends mail, e.g. to you.'],
  ['Reads v1.2 files\nArgs: many', 'Reads v1.2 files'],
  ['  Short  ', 'Short'],
  ['', ''],
])('of %j is %j', (description, short) => {
  expect(shortDescription(description)).toBe(short);
});

test('a long one is cut between words', () => {
  const short = shortDescription('word '.repeat(100));
  expect(short.length).toBeLessThanOrEqual(200);
  expect(short).toMatch(/ word…$/);
});
