import { describe, expect, test } from 'vitest';
import { openPlugin } from '../raw-host.ts';

const plugin = openPlugin('textkit');

describe('convert_case', () => {
  const cases = {
    camel: 'parseHttpHeaderFast',
    pascal: 'ParseHttpHeaderFast',
    snake: 'parse_http_header_fast',
    constant: 'PARSE_HTTP_HEADER_FAST',
    kebab: 'parse-http-header-fast',
    title: 'Parse Http Header Fast',
    sentence: 'Parse http header fast',
  };

  test.each(Object.entries(cases))('to %s', (to, expected) => {
    for (const text of ['parseHTTPHeader fast', ...Object.values(cases)]) {
      expect(plugin.execute('convert_case', { text, to })).toEqual({ data: expected });
    }
  });

  test('other scripts, digits and nothing at all', () => {
    const snake = (text: string): string => plugin.execute('convert_case', { text, to: 'snake' }).data;
    expect(snake('ПриветМир élanVital')).toBe('привет_мир_élan_vital');
    expect(snake('utf8Text2024')).toBe('utf8_text2024');
    expect(snake(' … ')).toBe('');
    expect(plugin.execute('convert_case', { text: 'straße über', to: 'title' }).data).toBe('Straße Über');
  });
});

describe('extract_links', () => {
  const links = (text: string): unknown => JSON.parse(plugin.execute('extract_links', { text }).data).links;

  test('of every kind, each address once', () => {
    const text = `See [the docs](https://a.example/docs "Docs"), ![a picture](pic.png) and <https://b.example/x>.
Bare: https://c.example/path?q=1&r=(2). Again https://b.example/x, (http://d.example)
[ref]: https://e.example/ref
[wiki](https://f.example/a_(b)) [spaced](</a b>) [no link] [empty]()`;
    expect(links(text)).toEqual([
      { url: 'https://a.example/docs', text: 'the docs', kind: 'link' },
      { url: 'pic.png', text: 'a picture', kind: 'image' },
      { url: 'https://b.example/x', text: '', kind: 'address' },
      { url: 'https://c.example/path?q=1&r=(2)', text: '', kind: 'address' },
      { url: 'http://d.example', text: '', kind: 'address' },
      { url: 'https://e.example/ref', text: 'ref', kind: 'reference' },
      { url: 'https://f.example/a_(b)', text: 'wiki', kind: 'link' },
      { url: '/a b', text: 'spaced', kind: 'link' },
    ]);
  });

  test('of a text without any', () => {
    expect(links('nothing here; http: is no address, nor https')).toEqual([]);
  });
});

describe('format_json', () => {
  const value = { a: [1, { b: 'é' }], c: {}, d: [], e: null };

  test.each([0, 1, 2, 8])('with %i spaces, as JSON.stringify does', (indent) => {
    const { data } = plugin.execute('format_json', { json: ` ${JSON.stringify(value)} `, indent });
    expect(data).toBe(JSON.stringify(value, null, indent));
  });

  test('two spaces where nothing is said, and an error for what is no JSON', () => {
    expect(plugin.execute('format_json', { json: '[1]' }).data).toBe('[\n  1\n]');
    expect(plugin.execute('format_json', { json: '[1' })).toMatchObject({ is_error: true });
  });
});

describe('arguments', () => {
  test.each<[string, unknown, string]>([
    ['slugify', {}, 'slugify: the argument "text" is required (The title.)'],
    ['slugify', undefined, 'slugify: the argument "text" is required (The title.)'],
    ['slugify', { text: null }, 'slugify: the argument "text" is required (The title.)'],
    ['slugify', { text: 5 }, 'slugify: the argument "text" must be of type string'],
    ['slugify', { text: 'a', separator: '+' }, 'slugify: the argument "separator" must be one of ["-","_","."]'],
    ['slugify', { text: 'a', max_length: 0 }, 'slugify: the argument "max_length" must be 1 or more'],
    ['slugify', { text: 'a', max_length: 1.5 }, 'slugify: the argument "max_length" must be of type integer'],
    ['slugify', { text: 'a', max_length: 'many' }, 'slugify: the argument "max_length" must be of type integer'],
    [
      'slugify',
      { text: 'a', txet: 'b' },
      'slugify: the argument "txet" is unknown; known are "text", "separator", "max_length"',
    ],
    ['format_json', { json: '1', indent: 9 }, 'format_json: the argument "indent" must be 8 or less'],
    [
      'encode_base64',
      { text: 'a', url_safe: 'maybe' },
      'encode_base64: the argument "url_safe" must be of type boolean',
    ],
  ])('%s of %j is refused by name', (tool, args, message) => {
    expect(plugin.execute(tool, args)).toEqual({ data: message, is_error: true });
  });

  test('may all be text, as hosts without schemas send them', () => {
    expect(plugin.execute('encode_base64', { text: '>>>', url_safe: 'true' }).data).toBe('Pj4-');
    expect(plugin.execute('slugify', { text: 'one two', max_length: '3' }).data).toBe('one');
  });
});
