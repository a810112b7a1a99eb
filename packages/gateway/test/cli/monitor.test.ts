import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { echoGuest, guardGuest, trappingGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { says, serveTalking } from '../e2e/channels/talking-server.ts';
import { folderWith, runLockgate } from './run-lockgate.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const SECRET = { resource: { description: '', secrecy: ['top'], integrity: [] }, operation: 'read' };

const folder = () =>
  folderWith({
    'echo.wasm': echoGuest(),
    'guard.wasm': guardGuest({ rules: { label_resource: [{ contains: 'SECRET', answer: SECRET }] } }),
    'lockgate.json': JSON.stringify({
      guards: { labels: { path: './guard.wasm' } },
      plugins: { echo: { path: './echo.wasm', guard: 'labels' }, free: { path: './echo.wasm' } },
    }),
  });

test('a call that passes is printed phase by phase', async () => {
  const args = ['monitor', 'try', 'lockgate.json', '--tool', 'echo__echo', '--args', '{"message":"hello"}'];
  const { code, stdout } = await runLockgate(args, { workingFolder: await folder() });
  expect(stdout).toMatch(/^agent +[\d.]+ ms +mode strict$/m);
  expect(stdout).toMatch(/^resource +[\d.]+ ms +a read$/m);
  expect(stdout).toMatch(/^verdict +allowed$/m);
  expect(stdout).toMatch(/^backend +[\d.]+ ms +the server was asked$/m);
  expect(stdout).toMatch(/^answer +\d+ bytes of content after the monitor\n +hello$/m);
  expect(code).toBe(0);
});

test('a call that the gateway answers by itself is not called one that nothing stands in front of', async () => {
  const workingFolder = await folderWith({
    'echo.wasm': echoGuest(),
    'lockgate.json': JSON.stringify({
      gateway: { approvals: [{ tools: ['*'], require: 'operator' }] },
      plugins: { free: { path: './echo.wasm' } },
    }),
  });
  const args = ['monitor', 'try', '--tool', 'free__echo', '--args', '{"message":"hello"}'];
  const { code, stdout } = await runLockgate(args, { workingFolder });
  expect(stdout).toMatch(/^the gateway answered before the reference monitor was asked: GATEWAY_APPROVAL_NEEDED\n/);
  expect(code).toBe(1);
});

test('a call that is denied says why and exits with 1', async () => {
  const args = [
    'monitor',
    'try',
    '--config',
    'lockgate.json',
    '--tool',
    'echo__echo',
    '--args',
    '{"message":"SECRET"}',
  ];
  const { code, stdout, stderr } = await runLockgate(args, { workingFolder: await folder() });
  expect(stdout).toMatch(/^ +secrecy +top$/m);
  expect(stdout).toMatch(/^verdict +denied$/m);
  expect(stdout).toMatch(/lacks secrecy: top/);
  expect([code, stderr]).toEqual([1, expect.stringContaining('error: denied')]);
  expect(stdout).toMatch(/^answer +\d+ bytes of content after the monitor$/m);
});

test('a call that fails says why, also in the last line', async () => {
  const workingFolder = await folderWith({
    'bad.wasm': trappingGuest(),
    'lockgate.json': JSON.stringify({ plugins: { bad: { path: './bad.wasm' } } }),
  });
  const args = ['monitor', 'try', '--tool', 'bad__misbehave', '--args', '{"message":"hello"}'];
  const { code, stderr } = await runLockgate(args, { workingFolder });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: the call failed: Module "bad" trapped in "execute": unreachable; .*"enter hello"/m);
});

test('as JSON it is the whole decision and the answer', async () => {
  const args = ['monitor', 'try', 'lockgate.json', '--tool', 'echo__echo', '--args', '-', '--json'];
  const { stdout } = await runLockgate(args, { workingFolder: await folder(), stdin: '{"message":"hello"}' });
  expect(JSON.parse(stdout)).toMatchObject({
    decision: { server: 'echo', tool: 'echo', verdict: 'allowed', phaseMs: { label_resource: expect.any(Number) } },
    result: { content: [{ text: 'hello' }] },
  });
});

test('every frame beside the call is printed, with what became of it and the rule of its channel', async () => {
  await using server = await serveTalking({
    log: ({ tell }) => {
      tell({ method: 'notifications/message', params: { level: 'error', data: 'MARKED' } });
      return says('done');
    },
  });
  const answers = {
    label_resource: SECRET,
    label_response: { labeled_paths: [{ path: '', labels: { secrecy: [], integrity: [] } }] },
  };
  const workingFolder = await folderWith({
    'guard.wasm': guardGuest({ answers }),
    'lockgate.json': JSON.stringify({
      guards: { labels: { path: './guard.wasm' } },
      mcpServers: { talking: { url: server.url, guard: 'labels' } },
    }),
  });
  const args = ['monitor', 'try', 'lockgate.json', '--tool', 'talking__say', '--args', '{"kind":"log"}'];
  const { code, stdout } = await runLockgate(args, { workingFolder });
  expect(stdout).toMatch(/^beside it +notifications\/message to the client: denied$/m);
  expect(stdout).toMatch(/^ +a read of what the call or method is about$/m);
  expect(stdout).toMatch(/^ +its contents may not be given$/m);
  expect([code, stdout.includes('MARKED')]).toEqual([0, false]);
  const printed = await runLockgate([...args, '--json'], { workingFolder });
  expect(JSON.parse(printed.stdout)).toMatchObject({
    decision: { verdict: 'allowed' },
    frames: [{ channel: { direction: 'down', method: 'notifications/message' }, verdict: 'denied' }],
  });
});

test('a missing --tool is a wrong command line', async () => {
  expect((await runLockgate(['monitor', 'try', 'lockgate.json'])).code).toBe(2);
});

test('calls of one session are printed one by one, and what the agent has read in one holds in the next', async () => {
  const { stdout: help } = await runLockgate(['monitor', 'try', '--help']);
  const commands = help
    .slice(help.indexOf('Examples'))
    .split(/^ {2}(?=lockgate )/m)
    .slice(1);
  expect(commands).toHaveLength(2);
  const NOTICE_BOARD = `${await folderWith({})}/board.jsonl`;
  const run = (command: string, ...more: string[]): string => {
    const lockgate = `lockgate() { "${process.execPath}" --conditions=@lockgate/source "${MAIN}" "$@"; }`;
    const text = `${lockgate}\n${command.trimEnd()} ${more.join(' ')} --log-dir "$HOME" 2>&1; echo "exit $?"`;
    const env = { PATH: process.env.PATH, HOME: dirname(NOTICE_BOARD), NOTICE_BOARD };
    return execFileSync('bash', ['--norc', '-c', text], { cwd: ROOT, env, encoding: 'utf8' });
  };
  expect(run(commands[0] ?? '')).toMatch(/^verdict +filtered[\s\S]*\[FILE\] notes\.md[\s\S]*exit 0\n$/m);
  const [, read = '', write = ''] = run(commands[1] ?? '').split(/^call \d of 2: /m);
  expect(read).toMatch(/^files__read_text_file$/m);
  expect(read).toMatch(/^agent after +secrecy +private:files$/m);
  expect(write).toMatch(/^notice-board__create_entities$/m);
  expect(write).toMatch(/^backend +not reached +the server was not asked$/m);
  expect(write).toMatch(/^verdict +denied$/m);
  expect(write).toMatch(/error: call 2: denied\nexit 1\n$/);
  const printed = run(commands[1] ?? '', '--json');
  expect(JSON.parse(printed.slice(0, printed.lastIndexOf(']') + 1))).toMatchObject([
    { decision: { verdict: 'allowed', agentAfter: { secrecy: ['private:files'] } } },
    { decision: { verdict: 'denied' } },
  ]);
});

test.each([
  [['--tool', 'free__echo', '--args', '{}', '--args', '{}']],
  [['--tool', 'free__echo', '--args', '-', '--tool', 'free__echo', '--args', '-']],
])('arguments that belong to no call are a wrong command line: %j', async (args) => {
  const run = await runLockgate(['monitor', 'try', 'lockgate.json', ...args], { workingFolder: await folder() });
  expect(run).toMatchObject({ code: 2, stdout: '' });
});
