import { expect, test } from 'vitest';
import { whyNoHeader } from '../../src/config/header-text.ts';
import { parseJsonConfig } from '../../src/config/json-config.ts';
import { resolveConfig } from '../../src/config/resolve.ts';

function resolveHeaders(headers: Readonly<Record<string, string>>): void {
  const text = parseJsonConfig(JSON.stringify({ mcpServers: { s: { url: 'http://x', headers } } }), 'lockgate.json');
  resolveConfig({ text, folder: '/', flags: {}, environment: {}, workingFolder: '/' });
}

test.each([
  ['a name with a space', { 'X Key': 'a' }, 'headers["X Key"]: this is no name of a header'],
  [
    "a name that is the connection's",
    { Connection: 'keep-alive' },
    'headers.Connection: the gateway sets this header itself',
  ],
  ['a line break at the end, as files have one', { 'X-Key': 'a\n' }, 'headers.X-Key: a header is one line'],
  ['the quotes of a word processor', { 'X-Key': 'a “b”' }, 'headers.X-Key: character 3 is none that HTTP can carry'],
])('a header with %s is refused where it stands', (_, headers, told) => {
  expect(() => resolveHeaders(headers)).toThrow(told);
});

test('letters of Latin-1 and tabs are carried', () => {
  expect(whyNoHeader('X-Key', 'é\tb')).toBeUndefined();
});
