import { readFileSync } from 'node:fs';
import { inspectModule } from '@lockgate/abi';
import { describe, expect, test } from 'vitest';
import { openPlugin } from './raw-host.ts';

describe.each(['textkit', 'http-json', 'hello'])('the exports of %s', (plugin) => {
  test('are the ABI, whole, and import nothing beyond it', () => {
    const report = inspectModule(readFileSync(new URL(`../dist/${plugin}.wasm`, import.meta.url)));
    expect(report).toMatchObject({ abi: 'plugin', missing: [], unknownImports: [], start: '_initialize' });
  });

  test('tell one name everywhere, ABI version 1 and good health', () => {
    const { call, exports } = openPlugin(plugin);
    expect(call('name')).toBe(plugin);
    expect(JSON.parse(call('metadata'))).toMatchObject({ name: plugin, abi_version: 1 });
    expect(exports.healthy?.()).toBe(1);
  });

  test('define tools with a description, a schema and a hint for every parameter', () => {
    const { call } = openPlugin(plugin);
    const tools = JSON.parse(call('tools'));
    expect(tools.length).toBeGreaterThan(0);
    for (const tool of tools) {
      expect(tool.description).not.toBe('');
      expect(tool.input_schema).toMatchObject({ type: 'object', required: tool.required });
      expect(Object.keys(tool.parameters)).toEqual(Object.keys(tool.input_schema.properties));
      for (const hint of Object.values(tool.parameters)) expect(hint).toMatch(/\w+/);
      expect(tool.annotations).toHaveProperty('readOnlyHint');
    }
    const compact = JSON.parse(call('compact_specs'));
    expect(tools.map((tool: { name: string }) => tool.name)).toEqual(expect.arrayContaining(Object.keys(compact)));
  });

  test('answer an unknown tool and a broken request with an error result', () => {
    const { call, execute } = openPlugin(plugin);
    expect(execute('no_such_tool', {})).toEqual({ data: 'there is no tool "no_such_tool"', is_error: true });
    for (const request of ['', 'null', '[]', '{"tool_name":', '{"tool_name":5}', '"x"', '\u0000']) {
      expect(JSON.parse(call('execute', request))).toMatchObject({ is_error: true });
    }
  });
});

describe('hello', () => {
  test('greets, in the words that configure set', () => {
    const { call, execute } = openPlugin('hello');
    expect(execute('greet', { who: 'World' })).toEqual({ data: 'Hello, World!' });
    expect(call('configure', '{"greeting":"Olá"}')).toBe('');
    expect(execute('greet', { who: '世界 🌍' })).toEqual({ data: 'Olá, 世界 🌍!' });
  });

  test('keeps its settings where it refuses new ones', () => {
    const { call, execute } = openPlugin('hello');
    expect(call('configure', JSON.stringify({ greeting: 'x'.repeat(41) }))).toContain('"greeting"');
    expect(call('configure', 'nonsense')).toContain('must be a JSON object');
    expect(execute('greet', { who: 'you' }).data).toBe('Hello, you!');
    expect(execute('greet', {})).toEqual({ data: 'greet: the argument "who" is required', is_error: true });
  });
});

describe('the memory of a guest', () => {
  test('does not grow over 100,000 calls', { timeout: 60_000 }, () => {
    const { call, memory } = openPlugin('textkit');
    const requests = [
      { tool_name: 'slugify', args: { text: 'Crème Brûlée für Anfänger' } },
      { tool_name: 'count_words', args: { text: 'one two three '.repeat(20) } },
      { tool_name: 'query_json', args: { json: '{"a":[{"b":1},{"b":2}]}', path: '$.a[*].b' } },
      { tool_name: 'diff_text', args: { before: 'a\nb\nc\n', after: 'a\nx\nc\n' } },
      { tool_name: 'nothing', args: {} },
    ].map((request) => JSON.stringify(request));
    for (let n = 0; n < 1_000; n++) for (const request of requests) call('execute', request);
    const before = memory.buffer.byteLength;
    for (let n = 0; n < 20_000; n++) for (const request of requests) call('execute', request);
    expect(memory.buffer.byteLength).toBe(before);
  });

  test('does not grow with questions about the plugin', () => {
    const { call, memory } = openPlugin('textkit');
    const ask = (times: number): void => {
      for (let n = 0; n < times; n++) for (const name of ['name', 'metadata', 'tools', 'compact_specs']) call(name);
    };
    ask(100);
    const before = memory.buffer.byteLength;
    ask(1_000);
    expect(memory.buffer.byteLength).toBe(before);
  });

  test('is used again after a large call', () => {
    const { execute, memory } = openPlugin('textkit');
    const large = { text: 'a\u00e9'.repeat(500_000) };
    execute('hash_text', large);
    const once = memory.buffer.byteLength;
    for (let n = 0; n < 10; n++) execute('hash_text', large);
    expect(memory.buffer.byteLength).toBe(once);
  });

  test.each<[string, Record<string, string>]>([
    ['slugify', { text: 'Word "quoted" line\n'.repeat(200_000) }],
    ['format_json', { json: JSON.stringify(Array.from({ length: 100_000 }, (_, id) => ({ id, name: `name ${id}` }))) }],
    ['table_to_markdown', { data: `a,b\n${'some text,12345\n'.repeat(230_000)}` }],
  ])('stays below the default ceiling of 256 MiB with 4 MB for %s', (tool, args) => {
    const { execute, memory } = openPlugin('textkit');
    expect(execute(tool, args)).not.toHaveProperty('is_error');
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(256 * 1024 * 1024);
  });

  test('an accepted configuration answers the empty span, of which nothing is left behind', () => {
    const { exports, memory } = openPlugin('hello');
    const pointer = Number(exports.malloc?.(2));
    new Uint8Array(memory.buffer, pointer, 2).set(Buffer.from('{}'));
    expect(exports.configure?.((BigInt(pointer) << 32n) | 2n)).toBe(0n);
  });

  test('takes null in free, gives null for a size it cannot have, and blocks that do not overlap', () => {
    const { exports } = openPlugin('hello');
    const malloc = (size: number): number => Number(exports.malloc?.(size)) >>> 0;
    exports.free?.(0);
    expect(malloc(-1)).toBe(0);
    expect(malloc(0x7fff_ffff)).toBe(0);
    const blocks = [1, 40, 41, 1000, 65_536, 0].map((size) => ({ size, pointer: malloc(size) }));
    blocks.sort((a, b) => a.pointer - b.pointer);
    for (const [index, { pointer, size }] of blocks.slice(0, -1).entries()) {
      expect(pointer + size).toBeLessThanOrEqual(blocks[index + 1]?.pointer ?? 0);
    }
    for (const { pointer } of blocks) exports.free?.(pointer);
  });

  test('a trap says what happened in the log first', () => {
    const { exports, log } = openPlugin('hello');
    const pointer = exports.malloc?.(16);
    exports.free?.(pointer);
    expect(() => exports.free?.(pointer)).toThrow(WebAssembly.RuntimeError);
    expect(log).toEqual([expect.stringMatching(/rt\/tlsf\.ts:\d+:\d+\)$/)]);
  });
});
