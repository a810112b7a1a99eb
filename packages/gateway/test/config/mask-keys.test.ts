import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskKeys } from '../../src/config/mask-keys.ts';

test.each([
  ['Error: bad credentials for ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'Error: bad credentials for ********'],
  ['using sk-proj-Ab12Cd34Ef56Gh78 now', 'using ******** now'],
  ['OPENAI_API_KEY=ab12cd34ef is not valid', 'OPENAI_API_KEY=******** is not valid'],
  ['{"accessToken":"zx81spectrum48k","user":"me"}', '{"accessToken":"********","user":"me"}'],
  [String.raw`sent {\"api_key\": \"zx81spectrum48k\"}`, String.raw`sent {\"api_key\": \"********\"}`],
  ["{ password: 'hunter2hunter2' }", "{ password: '********' }"],
  ['argv: server --token zx81spectrum48k --port 80', 'argv: server --token ******** --port 80'],
  ['> Authorization: Bearer zx81spectrum48k', '> Authorization: Bearer ********'],
  ['GET /v1?page=2&api_key=zx81spectrum48k&q=a', 'GET /v1?page=2&api_key=********&q=a'],
  ['connecting to postgres://app:pw@db.example/app', 'connecting to postgres://app:********@db.example/app'],
  ['the token 9f86d081884c7d659a2f was refused', 'the token ******** was refused'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_DEF-123', 'jwt ********'],
  ['MIIEpAIBAAKCAQEA7bq1Q2z8VfYx0nJH1m3p4r5s6t7u8v9w0x1y2z3A4B5C6D7E', '********'],
])('%s: the key in it is taken out', (text, masked) => expect(maskKeys(text)).toBe(masked));

test.each([
  'Error: GITHUB_TOKEN is required',
  'API key: missing; set OPENAI_API_KEY',
  "SyntaxError: Unexpected token '<' in JSON at position 0",
  'token: undefined',
  'Authentication: basic authentication failed',
  'keyfile: /home/me/.ssh/id_ed25519',
  'npm error code E404',
  'commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b',
  'listening on http://127.0.0.1:3000/mcp',
  'max_tokens=16384, key count: 12000000',
  'sk-learn is not installed',
  'request 6f1c2d9e-4b2a-4c7e-9a43-1f2e3d4c5b6a took 12 ms',
])('%s: says what is wrong, and stays', (text) => expect(maskKeys(text)).toBe(text));

test('no text takes long, and what is masked stays so', () => {
  const parts = fc.constantFrom('token', '=', ': ', ' ', '"', '\\', 'ghp_', '-', 'a1', '://', '@', '.', 'Bearer');
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 400 }), (words) => {
      const masked = maskKeys(words.join(''));
      expect(maskKeys(masked)).toBe(masked);
    }),
  );
});
