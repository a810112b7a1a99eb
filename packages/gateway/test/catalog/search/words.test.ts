import { expect, test } from 'vitest';
import { conceptsOf } from '../../../src/catalog/search/concepts.ts';
import { isTelling, wordsOf } from '../../../src/catalog/search/words.ts';

test.each([
  ['create_pull_request', ['creat', 'pull', 'request']],
  ['createPullRequest', ['creat', 'pull', 'request', 'createpullrequest']],
  ['HTTPServer', ['http', 'server', 'httpserver']],
  ['base64-encode', ['base', '64', 'base64', 'encod']],
  ['s3.list', ['s3', 'list']],
  ['Größe Café', ['große', 'cafe']],
  ['issues', ['issu']],
])('the words of %s', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test('words that say nothing are known for it', () => {
  const words = wordsOf('please show me the issues of my repo');
  expect(words.filter(isTelling)).toEqual(['show', 'issu', 'repo']);
});

test.each([
  ['PR', 'merge request'],
  ['pullrequest', 'pull request'],
  ['repo', 'repositories'],
  ['ticket', 'issues'],
  ['e-mail', 'mail'],
  ['dir', 'folders'],
  ['deleting', 'remove'],
  ['logIn', 'sign in'],
])('%s and %s mean the same', (one, other) => {
  const meanings = conceptsOf(wordsOf(one)).map(({ term }) => term);
  expect(conceptsOf(wordsOf(other)).some(({ term }) => meanings.includes(term))).toBe(true);
});

test('a part of a phrase does not have the meaning of the phrase', () => {
  expect(conceptsOf(wordsOf('pull'))).toEqual([]);
});
