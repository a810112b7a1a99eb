import { expect, test } from 'vitest';
import { openPlugin } from '../raw-host.ts';

const plugin = openPlugin('textkit');
const samples = [
  '',
  'f',
  'fo',
  'foo',
  'foob',
  'fooba',
  'foobar',
  'é',
  '日本語',
  '🙂🙃',
  '\u0000\u007f',
  'a\ud800b',
  '???>>>',
];

test.each(samples)('%j is encoded as Buffer does', (text) => {
  expect(plugin.execute('encode_base64', { text }).data).toBe(Buffer.from(text).toString('base64'));
  expect(plugin.execute('encode_base64', { text, url_safe: true }).data).toBe(Buffer.from(text).toString('base64url'));
});

test.each(samples)('%j comes back from every way of writing it', (text) => {
  const bytes = Buffer.from(text);
  const wrapped = bytes.toString('base64').replace(/(.{4})/g, '$1\r\n ');
  for (const base64 of [bytes.toString('base64'), bytes.toString('base64url'), wrapped]) {
    expect(plugin.execute('decode_base64', { base64 })).toEqual({ data: bytes.toString() });
  }
});

test.each(['a', 'abcde', 'ab=c', 'ab===', 'ab=', 'a#bc', '====', 'é===', 'ab==c', 'Zh=='])(
  '%j is no base64',
  (base64) => {
    expect(plugin.execute('decode_base64', { base64 })).toEqual({
      data: 'decode_base64: the argument "base64" is not base64',
      is_error: true,
    });
  },
);

test.each(['ff', 'c0af', 'eda080', 'e28080ff', 'f4908080', 'f09f98', '80', 'c3'])('the bytes %s are no text', (hex) => {
  const base64 = Buffer.from(hex, 'hex').toString('base64');
  expect(plugin.execute('decode_base64', { base64 })).toMatchObject({
    data: expect.stringContaining('not UTF-8'),
    is_error: true,
  });
});
