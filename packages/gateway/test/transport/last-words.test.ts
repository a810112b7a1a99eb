import { expect, test } from 'vitest';
import { remedyOf } from '../../src/transport/last-words.ts';

const of = (...lines: readonly string[]) => remedyOf({ exitCode: 1, signal: null, lines });

test.each([
  'Error: GITHUB_TOKEN is required',
  'GITHUB_TOKEN environment variable is not set',
  'Missing required environment variable: GITHUB_TOKEN',
  'Please set GITHUB_TOKEN',
  'required env var "GITHUB_TOKEN" missing',
  'GITHUB_TOKEN must be set',
  "KeyError: 'GITHUB_TOKEN'",
])('%s names the variable to give', (line) => {
  expect(of('Traceback (most recent call last):', line, 'Node.js v26')).toBe('give GITHUB_TOKEN in its "env"');
});

test.each(['NODE_ENV is production', 'ERR_MODULE_NOT_FOUND: it is missing', 'listening', ''])(
  '%s asks for no variable',
  (line) => {
    expect(of(line) ?? '').not.toContain('"env"');
  },
);

test('the last line that says something counts, then the signal, then the code', () => {
  expect(of("Cannot find module './a.js'", 'API_KEY is missing')).toBe('give API_KEY in its "env"');
  expect(remedyOf({ exitCode: null, signal: 'SIGSEGV', lines: ['bye'] })).toContain('the program itself has a fault');
  expect(remedyOf({ exitCode: 127, signal: null, lines: [] })).toContain('install the program that it starts');
  expect(remedyOf({ exitCode: 1, signal: null, lines: ['bye'] })).toBeUndefined();
});
