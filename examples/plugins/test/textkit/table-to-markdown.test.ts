import { expect, test } from 'vitest';
import { openPlugin } from '../raw-host.ts';

const plugin = openPlugin('textkit');
const table = (data: string, format?: string): { data: string; is_error?: boolean } =>
  plugin.execute('table_to_markdown', format ? { data, format } : { data });
const lines = (data: string, format?: string): string[] => table(data, format).data.trimEnd().split('\n');

test('CSV with quoted fields, bars and line breaks', () => {
  expect(lines('name,price\r\n"Smith, ""J.""",1.5\n"a|b\nc",-20\n')).toEqual([
    '| name        | price |',
    '| ----------- | ----: |',
    '| Smith, "J." |   1.5 |',
    '| a\\|b<br>c   |   -20 |',
  ]);
});

test('rows may be short, cells empty, and a column of words is not aligned as numbers', () => {
  expect(lines('a,b,c\n1,,x\n,2')).toEqual([
    '|   a |   b | c   |',
    '| --: | --: | --- |',
    '|   1 |     | x   |',
    '|     |   2 |     |',
  ]);
});

test('TSV', () => {
  expect(lines('k\tv\na,b\tc', 'tsv')[2]).toBe('| a,b | c   |');
});

test('JSON objects: columns in order of appearance, missing and nested values', () => {
  const data = JSON.stringify([
    { id: 1, name: 'x' },
    { id: 2, more: { a: [1] } },
    { name: null, ok: true },
  ]);
  expect(lines(data, 'json')).toEqual([
    '|  id | name | more      | ok   |',
    '| --: | ---- | --------- | ---- |',
    '|   1 | x    |           |      |',
    '|   2 |      | {"a":[1]} |      |',
    '|     |      |           | true |',
  ]);
});

test('JSON rows', () => {
  expect(lines('[["a","b"],[1,2]]', 'json')).toEqual(['|   a |   b |', '| --: | --: |', '|   1 |   2 |']);
});

test('wide and combining characters line up', () => {
  expect(lines('name\n日本\ncafe\u0301\n🙂')).toEqual([
    '| name |',
    '| ---- |',
    '| 日本 |',
    '| cafe\u0301 |',
    '| 🙂   |',
  ]);
});

test.each([
  ['', 'csv', 'has no rows'],
  ['a,"b', 'csv', 'never closed'],
  ['"a"b,c', 'csv', 'after a closing quote'],
  ['{}', 'json', 'no JSON array'],
  ['[]', 'json', 'has no rows'],
  ['[{"a":1},[1]]', 'json', 'item 1'],
  ['[1]', 'json', 'item 0'],
  ['[', 'json', 'not JSON'],
])('%j as %s is no table', (data, format, problem) => {
  expect(table(data, format)).toEqual({
    data: expect.stringMatching(new RegExp(`^table_to_markdown: the argument "data" is no table: .*${problem}`)),
    is_error: true,
  });
});
