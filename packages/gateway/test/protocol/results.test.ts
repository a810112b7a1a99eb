import { describe, expect, test } from 'vitest';
import type { Era } from '../../src/protocol/era.ts';
import { ObjectText } from '../../src/protocol/frame/object-text.ts';
import { resultFor, resultForLegacy, withoutMark } from '../../src/protocol/results.ts';

const INFO = ObjectText.from({ name: 's', version: '1' });
const KEY = '"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}';
const read = (text: string) => ObjectText.read(Buffer.from(text));

const client = (era: Era, how = 'none') => ({ era, caller: { name: 'c', how } });

describe('a result for a legacy client', () => {
  test('is the very result', () => {
    const result = read('{"content":[]}');
    expect(resultFor(client('legacy'), 'tools/call', result, INFO)).toBe(result);
  });

  test.each([
    ['tools/list', '{"tools":[ ],"ttlMs":0,"cacheScope":"private"}', '{"tools":[ ]}'],
    ['tools/call', '{"content":[],"ttlMs":1.0}', '{"content":[],"ttlMs":1.0}'],
    ['tools/call', `{"content":[],"_meta":{${KEY}}}`, '{"content":[]}'],
    ['tools/call', `{"content":[],"_meta":{"k":1.0,${KEY}}}`, '{"content":[],"_meta":{"k":1.0}}'],
  ])('of a modern server (%s) has nothing that only the modern era says: %s', (method, text, expected) => {
    expect(String(resultForLegacy(method, read(text)).toBytes())).toBe(expected);
  });
});

describe('a result for a modern client', () => {
  test.each(['api-key', 'jwt', 'certificate'])('that is known (%s) is for that client alone', (how) => {
    const result = read('{"tools":[],"ttlMs":500,"cacheScope":"public"}');
    const told = resultFor(client('modern', how), 'tools/list', result, INFO);
    expect(String(told.toBytes())).toContain('{"tools":[],"ttlMs":500,"cacheScope":"private",');
  });

  test.each([
    ['tools/call', '{"content":[]}', `{"content":[],"resultType":"complete","_meta":{${KEY}}}`],
    ['tools/call', '{"resultType":"task"}', `{"resultType":"task","_meta":{${KEY}}}`],
    ['tools/call', '{"_meta":{"k":1.0}}', `{"_meta":{"k":1.0,${KEY}},"resultType":"complete"}`],
    [
      'tools/list',
      '{"tools":[]}',
      `{"tools":[],"resultType":"complete","ttlMs":0,"cacheScope":"private","_meta":{${KEY}}}`,
    ],
    [
      'tools/list',
      '{"tools":[],"ttlMs":500,"cacheScope":"public"}',
      `{"tools":[],"ttlMs":500,"cacheScope":"public","resultType":"complete","_meta":{${KEY}}}`,
    ],
    [
      'tools/list',
      '{"tools":[],"ttlMs":"x","cacheScope":"all"}',
      `{"tools":[],"ttlMs":0,"cacheScope":"private","resultType":"complete","_meta":{${KEY}}}`,
    ],
    ['resources/read', '{"resultType":"input_required"}', `{"resultType":"input_required","_meta":{${KEY}}}`],
    ['x/y', '{"n":1.0}', `{"n":1.0,"resultType":"complete","_meta":{${KEY}}}`],
  ])('of %s says that it is whole, and whose it is: %s', (method, text, expected) => {
    expect(String(resultFor(client('modern'), method, read(text), INFO).toBytes())).toBe(expected);
  });

  test.each([
    '{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"theirs"}}}',
    '{"resultType":"complete","_meta":7}',
  ])('that says so is the very result: %s', (text) => {
    const result = read(text);
    expect(resultFor(client('modern'), 'tools/call', result, INFO)).toBe(result);
  });
});

test('only the mark of a whole result is taken off', () => {
  expect(String(withoutMark(read('{"a":1.0,"resultType":"complete"}')).toBytes())).toBe('{"a":1.0}');
  const asks = read('{"resultType":"input_required"}');
  expect(withoutMark(asks)).toBe(asks);
});
