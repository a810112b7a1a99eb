import { expect, test } from 'vitest';
import { LIMITS, openServer, plainPost } from './server-and-client.ts';

/** Headers and lines that two readers of HTTP could take differently, and whatever is no plain call. */
const LEFT_TO_NODE: readonly (readonly [string, string])[] = [
  ['another method', plainPost('{}').replace('POST', 'PUT')],
  ['another path', plainPost('{}').replace('/mcp', '/health')],
  ['a path that begins like an endpoint', plainPost('{}').replace('/mcp', '/mcp-console')],
  ['an address in absolute form', plainPost('{}').replace('/mcp', 'http://localhost/mcp')],
  ['a character of no path', plainPost('{}').replace('/mcp', '/mcp/"a"')],
  ['another version', plainPost('{}').replace('1.1', '1.0')],
  ['no host', plainPost('{}').replace('Host: localhost\r\n', '')],
  ['two hosts', plainPost('{}', 'host: localhost\r\n')],
  ['no length', plainPost('').replace('Content-Length: 0\r\n', '')],
  ['two lengths', plainPost('{}', 'Content-Length: 2\r\n')],
  ['a length with a sign', plainPost('{}').replace(': 2', ': +2')],
  ['a length with a comma', plainPost('{}').replace(': 2', ': 2, 2')],
  ['a length with a nought before it', plainPost('{}').replace(': 2', ': 02')],
  ['a length of sixteens', plainPost('{}').replace(': 2', ': 0x2')],
  ['a length with spaces behind it', plainPost('{}').replace(': 2', ': 2 ')],
  ['a space before a colon', plainPost('{}').replace('Length:', 'Length :')],
  ['chunks and a length', plainPost('0\r\n\r\n', 'Transfer-Encoding: chunked\r\n')],
  ['chunks of another name', plainPost('0\r\n\r\n', 'Transfer-Encoding: xchunked\r\n')],
  ['chunks behind a fold', plainPost('0\r\n\r\n', 'Transfer-Encoding:\r\n chunked\r\n')],
  ['a folded line', plainPost('{}', 'X-Folded: a\r\n b\r\n')],
  ['a line feed alone', plainPost('{}').replace('localhost\r\n', 'localhost\n')],
  ['a return alone', plainPost('{}', 'X-Return: a\rb\r\n')],
  ['a nought byte', plainPost('{}', 'X-Zero: a\0b\r\n')],
  ['a byte that is no ASCII', plainPost('{}', 'X-Latin: \u00e9\r\n')],
  ['a tab', plainPost('{}', 'X-Tab: a\tb\r\n')],
  ['an empty value', plainPost('{}', 'X-Empty:\r\n')],
  ['a name that Node lists', plainPost('{}', 'Set-Cookie: a\r\n')],
  ['a name with a mark', plainPost('{}', '__proto__: a\r\n')],
  ['a header that stands twice', plainPost('{}', 'Accept: a\r\naccept: b\r\n')],
  ['what waits to go on', plainPost('{}', 'Expect: 100-continue\r\n')],
  ['what wants another protocol', plainPost('{}', 'Connection: Upgrade\r\nUpgrade: h2c\r\n')],
  ['the last of its connection', plainPost('{}', 'Connection: close\r\n')],
  ['a head that is too long', plainPost('{}', `X-Long: ${'a'.repeat(LIMITS.maxHeaderBytes)}\r\n`)],
  ['many headers', plainPost('{}', Array.from({ length: 60 }, (_, of) => `X-${of}: a\r\n`).join(''))],
  ['a body that is too long', plainPost('a'.repeat(LIMITS.maxBodyBytes + 1))],
];

test.for(LEFT_TO_NODE)('%s is left to Node', async ([, bytes]) => {
  await using at = await openServer();
  const client = await at.connect();
  await client.write(plainPost('{}'));
  await client.answers(1);
  await client.write(bytes);
  await client.end();
  expect(at.readBy.filter((by) => by === 'quick')).toHaveLength(1);
});

test('a head in pieces is left to Node, and so is what follows it', async () => {
  await using at = await openServer();
  const client = await at.connect();
  for (const chunk of ['POST /mc', plainPost('{}').slice(8)]) await client.write(chunk);
  await client.answers(1);
  await client.write(plainPost('{}'));
  await client.answers(2);
  expect(at.readBy).toEqual(['node', 'node']);
});
