import { readdir } from 'node:fs/promises';
import { componentGuest, echoGuest } from '@lockgate/testkit';
import { describe, expect, test } from 'vitest';
import { extismEcho } from '../e2e/extism-guest.ts';
import { folderWith, runLockgate } from './run-lockgate.ts';

const lockgateJson = JSON.stringify({
  plugins: { echo: { path: 'echo.wasm', isolation: 'inline' }, broken: { path: 'none.wasm' } },
});
const world = async (more: object = {}) => ({
  workingFolder: await folderWith({
    'lockgate.json': lockgateJson,
    'echo.wasm': echoGuest(),
    'args.json': '{"message":"file"}',
  }),
  environment: { MCP_GATEWAY_WASM_CACHE_DIR: await folderWith({}) },
  ...more,
});

describe('call', () => {
  test.each([
    ['the command line', ['{"message":"line"}'], {}, 'line\n'],
    ['a file', ['@args.json'], {}, 'file\n'],
    ['stdin, when asked for', ['-'], { stdin: '{"message":"asked"}' }, 'asked\n'],
    ['stdin, when piped in', [], { stdin: '{"message":"piped"}' }, 'piped\n'],
  ])('takes arguments from %s and prints the answer', async (_, args, more, stdout) => {
    expect(await runLockgate(['call', 'echo__echo', ...args], await world(more))).toEqual({
      code: 0,
      stdout,
      stderr: '',
    });
  });

  test.each(['18446744073709551615', '-0', '1e400'])('sends %s as it is written', async (number) => {
    const config = {
      plugins: { plain: { path: 'plain.wasm', isolation: 'inline', exports: { echo: { input: 'json' } } } },
    };
    const workingFolder = await folderWith({
      'lockgate.json': JSON.stringify(config),
      'plain.wasm': extismEcho('echo'),
    });
    const ran = await runLockgate(['call', 'plain__echo', `{"n":${number}}`], { workingFolder });
    expect(ran).toMatchObject({ code: 0, stdout: `{"n":${number}}\n` });
  });

  test('prints the whole result as JSON where a program reads it', async () => {
    const { stdout } = await runLockgate(['call', 'echo__echo', '{"message":"x"}', '--json'], await world());
    expect(JSON.parse(stdout)).toMatchObject({ content: [{ type: 'text', text: 'x' }] });
  });

  test('calls a function of a component as a tool, with its answer as a value', async () => {
    const config = { plugins: { sum: { path: 'sum.wasm', isolation: 'inline' } } };
    const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify(config), 'sum.wasm': componentGuest() });
    const ran = await runLockgate(['call', 'sum__add', '{"a":1,"b":2}', '--json'], { workingFolder });
    expect({ ...ran, stdout: JSON.parse(ran.stdout) }).toMatchObject({
      code: 0,
      stdout: { content: [{ type: 'text', text: '3' }], structuredContent: { result: 3 } },
    });
  });

  test.each([
    ['search', { query: 'echo' }, '"tool":"echo__echo"'],
    ['execute', { tool: 'echo__echo', arguments: { message: 'executed' } }, 'executed\n'],
    ['run_script', { code: `return api.call('echo__echo', { message: 'scripted' })` }, 'scripted\n'],
  ])('calls the own tool %s, which clients that search are shown', async (tool, args, told) => {
    const ran = await runLockgate(['call', tool, JSON.stringify(args)], await world());
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining(told) });
  });

  test('starts for execute only what may have the tool', async () => {
    const call = JSON.stringify({ tool: 'echo__echo', arguments: { message: 'alone' } });
    expect(await runLockgate(['call', 'execute', call], await world())).toEqual({
      code: 0,
      stdout: 'alone\n',
      stderr: '',
    });
  });

  test("exits 1 when the tool's answer is an error", async () => {
    const { code, stderr } = await runLockgate(['call', 'echo__nothing', '{}'], await world());
    expect(code).toBe(1);
    expect(stderr).toContain('there is no tool "echo__nothing"');
  });

  test('knows the tool that was meant', async () => {
    const { code, stderr } = await runLockgate(['call', 'echo__ecko'], await world());
    expect(code).toBe(1);
    expect(stderr).toContain('did you mean "echo__echo"?');
    expect((await runLockgate(['call', 'echo'], await world())).stderr).toContain('did you mean "echo__echo"?');
  });

  test('says why the server is not up that would have it', async () => {
    const gone = { command: process.execPath, args: ['-e', 'console.error("no such vault"); process.exit(3)'] };
    const config = { plugins: { lost: { path: 'lost.wasm' } }, mcpServers: { gone } };
    const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify(config), 'lost.wasm': 'no module' });
    const gives = (tool: string) => runLockgate(['call', tool, '{}'], { workingFolder });
    expect(await gives('gone__any')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no tool "gone__any" now: server "gone" is not up: .*no such vault/),
    });
    expect((await gives('lost__any')).stderr).toMatch(
      /there is no tool "lost__any" now: server "lost" is not up: .*module/,
    );
  });

  test('of a name that no server can have waits for none of them', { timeout: 30_000 }, async () => {
    const hangs = { command: 'sh', args: ['-c', 'sleep 600'], connectTimeoutMs: 600_000 };
    const config = { plugins: { echo: { path: 'echo.wasm', isolation: 'inline' } }, mcpServers: { hangs } };
    const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify(config), 'echo.wasm': echoGuest() });
    const { code, stderr } = await runLockgate(['call', 'echo', '{}'], { workingFolder });
    expect(code).toBe(1);
    expect(stderr).toContain('there is no tool "echo"; did you mean "echo__echo"?');
  });

  test('of a server that is not there, or switched off, starts and waits for none', async () => {
    const slow = { command: 'sh', args: ['-c', 'echo started > started; sleep 600'] };
    const config = { mcpServers: { slow: { ...slow, cwd: '.' }, off: { ...slow, disabled: true } } };
    const workingFolder = await folderWith({ 'lockgate.json': JSON.stringify(config) });
    const call = (tool: string) => runLockgate(['call', tool, '{}'], { workingFolder });
    expect(await call('mem__read_graph')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('there is no server "mem" (known: slow)'),
    });
    expect((await call('off__any')).stderr).toContain('server "off" is switched off');
    expect(await readdir(workingFolder)).toEqual(['lockgate.json']);
  });

  test.each(['{"message"', '[1]', '"text"', '@missing.json'])('refuses %s before anything is started', async (json) => {
    const { code, stdout } = await runLockgate(['call', 'echo__echo', json], await world());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('cache', () => {
  test('of a folder that cannot be one says why, and exits 1', async () => {
    const workingFolder = await folderWith({ file: '' });
    for (const command of ['stats', 'clear']) {
      const { code, stderr } = await runLockgate(['cache', command, '--wasm-cache-dir', 'file'], { workingFolder });
      expect(code).toBe(1);
      expect(stderr).toContain('not a directory');
    }
  });

  test('is warmed with files, or with the modules of the configuration', async ({ skip }) => {
    const warm = await runLockgate(['cache', 'warm'], await world());
    const stats = await runLockgate(['cache', 'stats', '--json'], await world());
    skip(stats.code === 1, `no disk cache here: ${stats.stderr.trim()}`);
    expect(warm.stdout).toMatch(/echo\.wasm\s+skipped/);
    expect(warm.stdout).toMatch(/none\.wasm\s+failed/);
    expect(warm.code).toBe(1);
    expect(JSON.parse(stats.stdout)).toMatchObject({ entries: [] });
    const nothing = await runLockgate(['cache', 'warm'], { workingFolder: await folderWith({}) });
    expect(nothing).toMatchObject({ code: 2 });
  });
});
