import { describe, expect, test } from 'vitest';
import { openPlugin } from '../raw-host.ts';

const plugin = openPlugin('textkit');
const query = (json: string, path: string): { data: string; is_error?: boolean } =>
  plugin.execute('query_json', { json, path });

const store = JSON.stringify({
  store: {
    book: [
      { title: 'Sayings', price: 8.95, tags: ['a', 'b'] },
      { title: 'Sword', price: 12.99 },
      { title: 'Moby Dick', price: 8.99, isbn: '0-553' },
    ],
    bicycle: { color: 'red', price: 399 },
  },
  'a key.with [odd] "signs"': 1,
  "it's": 2,
  ключ: '🔑',
});

test.each<[string, unknown[]]>([
  ['$', [JSON.parse(store)]],
  ['', [JSON.parse(store)]],
  ['$.store.bicycle.color', ['red']],
  ['store.bicycle.color', ['red']],
  ["$['store']['bicycle'].color", ['red']],
  ['$.store.book[0].title', ['Sayings']],
  ['$.store.book[-1].title', ['Moby Dick']],
  ['$.store.book[3]', []],
  ['$.store.book[-4]', []],
  ['$.store.book[*].title', ['Sayings', 'Sword', 'Moby Dick']],
  ['$.store.book.*.price', [8.95, 12.99, 8.99]],
  ['$..price', [8.95, 12.99, 8.99, 399]],
  ['$..book[1:].title', ['Sword', 'Moby Dick']],
  ['$..book[:2].title', ['Sayings', 'Sword']],
  ['$..book[::2].title', ['Sayings', 'Moby Dick']],
  ['$..book[::-1].title', ['Moby Dick', 'Sword', 'Sayings']],
  ['$..book[-2:].title', ['Sword', 'Moby Dick']],
  ['$..book[5:1].title', []],
  ['$..book[0,2].title', ['Sayings', 'Moby Dick']],
  ["$.store.bicycle['color', 'price']", ['red', 399]],
  ['$..tags[*]', ['a', 'b']],
  ['$..[0].title', ['Sayings']],
  ['$["a key.with [odd] \\"signs\\""]', [1]],
  ["$['it\\'s']", [2]],
  ['$.ключ', ['🔑']],
  ['$.missing.deeper', []],
  ['$.store.bicycle.color.length', []],
])('%s', (path, matches) => {
  const { data, is_error } = query(store, path);
  expect({ is_error, ...JSON.parse(data) }).toEqual({ count: matches.length, matches });
});

test.each([
  '$.',
  '$..',
  '$[',
  '$[]',
  '$[0',
  "$['open",
  '$.a[x]',
  '$[?(@.a)]',
  '$[1 2]',
  '$x',
  '$[99999999999]',
  '$[-]',
])('says what is malformed in %s', (path) => {
  const { data, is_error } = query('{"a":[1]}', path);
  expect(is_error).toBe(true);
  expect(data).toMatch(/^query_json: the path ".*" is malformed: .+ \(character \d+\)$/);
});

test('numbers come back as they were written, 64-bit ids too', () => {
  expect(query('[12345678901234567890, 1.10, 1e400, -0]', '$[*]').data).toBe(
    '{"count":4,"matches":[12345678901234567890,1.10,1e400,-0]}',
  );
});

test('a path whose matches multiply ends in an error, not in full memory', () => {
  const nested = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;
  expect(query(nested, '$..*..*..*')).toEqual({ data: expect.stringContaining('more than 100000'), is_error: true });
});

describe('the JSON reader', () => {
  test('reads what JSON.parse reads, to the same value', () => {
    const texts = [
      '0', '-0.5e+10', '1E5', 'true', 'null', '""', '[]', '{}', ' [ 1 , { "a" : [ ] } ] ', '"\\u00e9\\ud83d\\ude00\\n\\t\\/\\b\\f\\r\\\\\\""',
      '{"a":1,"a":2}', '{"":{"":[]}}', '"é🙂 "', '[1,"x",null,false,{"k":[true]}]', '\t\r\n 1', '"\\uD83D"', '{"__proto__x":1}',
    ]; // biome-ignore format: one list
    for (const text of texts) {
      const { data } = query(text, '$');
      expect(JSON.parse(data).matches[0], text).toEqual(JSON.parse(text));
    }
  });

  test('refuses what JSON.parse refuses, and says where', () => {
    const texts = [
      '', ' ', '{', '[', '"', '"\\', '"\\u12', '"\\uzzzz"', '"\\x"', '"\n"', '[1,]', '{"a":1,}', '{a:1}', "{'a':1}", '{"a"}', '{"a":}',
      '01', '1.', '.5', '-', '+1', '1e', '1e+', '--1', '0x10', 'NaN', 'Infinity', 'tru', 'truee', 'undefined', '1 2', '[1 2]', '{"a":1 "b":2}',
      ']', '}', ',', ':', '[}', '{]', '"a" "b"', '\u00a01', '\ufeff1', '[1]]', '\u0000', '"\\u+123"',
    ]; // biome-ignore format: one list
    for (const text of texts) {
      expect(() => JSON.parse(text), text).toThrow(SyntaxError);
      expect(query(text, '$'), text).toEqual({
        data: expect.stringMatching(/^query_json: the argument "json" is not JSON: .+ \(character \d+\)$/),
        is_error: true,
      });
    }
  });

  test('refuses nesting that would exhaust the stack', () => {
    expect(query('['.repeat(256) + ']'.repeat(256), '$').is_error).toBeUndefined();
    for (const open of ['[', '{"a":']) {
      expect(query(open.repeat(1_000_000), '$')).toEqual({ data: expect.stringContaining('nesting'), is_error: true });
    }
  });
});
