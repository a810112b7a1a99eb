import { describe, expect, test } from 'vitest';
import { type HttpRequest, openPlugin, type RawPlugin } from './raw-host.ts';

interface Asked {
  readonly plugin: RawPlugin;
  readonly requests: HttpRequest[];
}

function open(body: unknown, status = 200): Asked {
  const requests: HttpRequest[] = [];
  const plugin = openPlugin('http-json', (request) => {
    requests.push(request);
    return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
  });
  return { plugin, requests };
}

const repository = { id: 9007199254740993n, name: 'lockgate', owner: { login: 'someone' }, topics: ['wasm', 'mcp'] };
const repositoryJson = JSON.stringify(repository, (_, value) => (typeof value === 'bigint' ? '@' : value)).replace(
  '"@"',
  String(repository.id),
);

describe('fetch_json', () => {
  test('gives the whole answer where no fields are named', () => {
    const { plugin, requests } = open(repositoryJson);
    const { data } = plugin.execute('fetch_json', { url: 'https://api.example.com/r?page=1' });
    expect(data).toBe(repositoryJson);
    expect(requests).toEqual([
      { method: 'GET', url: 'https://api.example.com/r?page=1', headers: { Accept: 'application/json' } },
    ]);
  });

  test('keeps the fields named: one value for a plain path, a list for a pattern, null for what is missing', () => {
    const { plugin } = open(repositoryJson);
    const fields = ['owner.login', '$.topics[*]', 'topics[-1]', 'no.such', 'id'];
    const { data } = plugin.execute('fetch_json', { url: 'https://api.example.com/r', fields });
    expect(data).toBe(
      '{"owner.login":"someone","$.topics[*]":["wasm","mcp"],"topics[-1]":"mcp","no.such":null,"id":9007199254740993}',
    );
  });

  test('sends the headers given', () => {
    const { plugin, requests } = open({});
    plugin.execute('fetch_json', { url: 'http://x.example', headers: { 'X-Trace': 'a "b"', Accept: 'text/json' } });
    expect(requests[0]?.headers).toEqual({ 'X-Trace': 'a "b"', Accept: 'text/json' });
  });

  test.each([
    [{ url: 'ftp://x' }, 'the argument "url" must start with'],
    [{ url: '/path' }, 'the setting "base_url" is not set'],
    [{ url: 'https://x', fields: ['a', '$['] }, 'the argument "fields" is wrong: the path "$[" is malformed'],
    [{ url: 'https://x', fields: [5] }, 'the argument "fields" must hold strings only'],
    [{ url: 'https://x', headers: { a: 1 } }, 'the argument "headers" must hold strings only'],
    [{}, 'the argument "url" is required'],
  ])('refuses %j without asking the host', (args, message) => {
    const { plugin, requests } = open({});
    expect(plugin.execute('fetch_json', args)).toEqual({ data: expect.stringContaining(message), is_error: true });
    expect(requests).toEqual([]);
  });

  test.each([
    ['the host refuses', 0, 'not allowed', 'GET https://x.example/a failed: not allowed'],
    [
      'the server refuses',
      404,
      '{"message":"Not Found"}',
      'GET https://x.example/a answered 404: {"message":"Not Found"}',
    ],
    ['the body is no JSON', 200, '<html>', 'GET https://x.example/a answered 200 with a body that is not JSON'],
    ['the body is long', 500, 'x'.repeat(500), `answered 500: ${'x'.repeat(200)}...`],
  ])('says so when %s, and keeps the query to itself', (_, status, body, message) => {
    const { plugin } = open(body, status);
    const { data, is_error } = plugin.execute('fetch_json', { url: 'https://x.example/a?key=secret' });
    expect(is_error).toBe(true);
    expect(data).toContain(message);
    expect(data).not.toContain('secret');
  });
});

describe('post_json', () => {
  test('sends the body as JSON', () => {
    const { plugin, requests } = open({ ok: true });
    const body = { text: 'é🙂"', list: [1, null] };
    expect(plugin.execute('post_json', { url: 'https://x.example', body, fields: ['ok'] }).data).toBe('{"ok":true}');
    expect(requests[0]).toMatchObject({ method: 'POST', headers: { 'Content-Type': 'application/json' } });
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual(body);
  });
});

describe('settings', () => {
  test('base_url completes paths, and the key goes nowhere else', () => {
    const { plugin, requests } = open({});
    const settings = { base_url: 'https://api.example.com/v1/', api_key: 'k' };
    expect(plugin.call('configure', JSON.stringify(settings))).toBe('');
    const elsewhere = [
      'https://api.example.com.evil.example/',
      'https://api.example.com/v10',
      'http://api.example.com/v1/',
    ];
    for (const url of ['users/1', '/users/1', 'https://api.example.com/v1?q', ...elsewhere]) {
      plugin.execute('fetch_json', { url });
    }
    expect(requests.map(({ url, headers }) => [url, headers.Authorization])).toEqual([
      ['https://api.example.com/v1/users/1', 'Bearer k'],
      ['https://api.example.com/v1/users/1', 'Bearer k'],
      ['https://api.example.com/v1?q', 'Bearer k'],
      ...elsewhere.map((url) => [url, undefined]),
    ]);
  });

  test('refuses a base_url that is no address, and a key without one', () => {
    const { plugin } = open({});
    expect(plugin.call('configure', '{"base_url":"example.com"}')).toContain('"base_url" must start with');
    expect(plugin.call('configure', '{"api_key":"k"}')).toContain('"api_key" needs "base_url"');
    expect(plugin.call('configure', '{}')).toBe('');
  });
});

test('two calls that interleave get each other’s answers wrong: the plugin counts on the host’s lock', () => {
  let inner = '';
  const plugin: RawPlugin = openPlugin('http-json', ({ url }) => {
    if (url.endsWith('/outer'))
      inner = plugin.execute('fetch_json', { url: 'https://x.example/inner', fields: ['b'] }).data;
    return { status: 200, headers: {}, body: '{"a":1,"b":2}' };
  });
  let outer = 'a trap';
  try {
    outer = plugin.execute('fetch_json', { url: 'https://x.example/outer', fields: ['a'] }).data;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  }
  expect(inner).toBe('{"b":2}');
  expect(outer).not.toBe('{"a":1}');
});

test('20,000 answers leave no memory behind', () => {
  const { plugin } = open({ items: [{ id: 1 }, { id: 2 }] });
  const call = (): unknown => plugin.execute('fetch_json', { url: 'https://x.example', fields: ['items[*].id'] });
  for (let n = 0; n < 1_000; n++) call();
  const before = plugin.memory.buffer.byteLength;
  for (let n = 0; n < 20_000; n++) call();
  expect(plugin.memory.buffer.byteLength).toBe(before);
});
