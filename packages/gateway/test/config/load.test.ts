import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfigFile, parseConfigText } from '../../src/config/load.ts';

describe('a configuration text', () => {
  const tree = { gateway: { listen: '127.0.0.1:1' }, plugins: { a: { path: 'a.wasm' } } };

  test('is the same as JSON, as JSON with comments and trailing commas, and as YAML', async () => {
    const commented =
      '// hello\n{ "gateway": { "listen": "127.0.0.1:1", }, /* x */ "plugins": {"a": {"path": "a.wasm"}}, }';
    const yaml = 'gateway:\n  listen: 127.0.0.1:1\nplugins:\n  a: { path: a.wasm }\n';
    expect((await parseConfigText(JSON.stringify(tree), 'a')).tree).toEqual(tree);
    expect((await parseConfigText(commented, 'a')).tree).toEqual(tree);
    expect((await parseConfigText(yaml, 'a')).tree).toEqual(tree);
  });

  test('may begin with a byte order mark, and may be empty YAML', async () => {
    expect((await parseConfigText(`\uFEFF${JSON.stringify(tree)}`, 'a')).tree).toEqual(tree);
    expect((await parseConfigText('# nothing yet\n', 'a')).tree).toEqual({});
  });

  test.each([
    ['json', '{\n  "a": 1,\n  "b": }', 'x:3:8: broken JSON: a value is missing; '],
    ['yaml', 'a: 1\na: 2\n', 'x:2:1: broken YAML'],
    ['yaml', 'a: [1\n', 'broken YAML'],
  ] as const)('broken %s says where: %#', async (format, text, message) => {
    await expect(parseConfigText(text, 'x', format)).rejects.toThrow(message);
  });

  test.each([
    ['{\n  "a": 1,\n  "a": 2 }', { line: 3, column: 3 }],
    ['{ "o": { "a": 1, "a": 2 } }', { line: 1, column: 18 }],
  ])('a key that stands twice in JSON is told with what else is wrong: %#', async (text, at) => {
    const { problems } = await parseConfigText(text, 'x', 'json');
    expect(problems).toEqual([{ place: [], message: 'the key "a" stands twice; remove one', ...at }]);
  });

  test.each(['json', 'yaml'] as const)(
    '%s knows the place of a value, or of what encloses an absent one',
    async (format) => {
      const text = '{\n  "a": {\n    "b": [1,\n      2]\n  }\n}';
      const { locate } = await parseConfigText(text, 'x', format);
      expect(locate(['a', 'b', 1])).toEqual({ line: 4, column: 7 });
      expect(locate(['a', 'b', 9, 'c'])).toEqual({ line: 3, column: 10 });
      expect(locate(['nowhere'])).toBeUndefined();
    },
  );
});

describe('a configuration file', () => {
  test('is YAML where its name says so', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'lockgate-')), 'lockgate.yaml');
    await writeFile(path, 'gateway: { mode: routed }\n');
    expect(await loadConfigFile(path)).toMatchObject({ source: path, tree: { gateway: { mode: 'routed' } } });
  });

  test('that does not exist says where was looked', async () => {
    const missing = await loadConfigFile('no-such-lockgate.json').catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(ConfigError);
    expect(String(missing)).toContain(join(process.cwd(), 'no-such-lockgate.json'));
  });
});

test.each([
  ['json', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ['json', `{"a":${'{"a":'.repeat(110)}1${'}'.repeat(111)}`],
  ['yaml', '['.repeat(20_000)],
  ['yaml', `${'['.repeat(110)}${']'.repeat(110)}`],
] as const)('%s that is nested too deeply is refused in words', async (format, text) => {
  await expect(parseConfigText(text, 'x', format)).rejects.toThrow('x: it is nested too deeply, more than 100 levels');
});
