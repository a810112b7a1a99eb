import { expect, test } from 'vitest';
import { passableAnswers } from '../../src/http/passable-answers.ts';

const long = 'x'.repeat(9 * 1_048_576);
const answer = (id: string, text: string): string => `{"jsonrpc":"2.0","id":${id},"result":{"text":"${text}"}}`;

test('answers that can be passed to another gateway are passed as they came', () => {
  const body = Buffer.from(answer('1.0', 'short'));
  expect(passableAnswers(body)).toBe(body);
});

test.each([
  ['one', '\ufeff', answer('"a"', long), ['a'], false],
  ['a batch', '', `[${answer('7', long)},${answer('8', 'short')}]`, [7, 8], true],
])('%s too large to be passed is told as errors, so that nobody waits for it', (_, mark, text, ids, isBatch) => {
  const told = JSON.parse(passableAnswers(Buffer.from(`${mark}${text}`)).toString());
  expect(Array.isArray(told)).toBe(isBatch);
  expect([told].flat().map(({ id }) => id)).toEqual(ids);
  for (const { error } of [told].flat()) expect(error.message).toContain('8 MiB');
});
