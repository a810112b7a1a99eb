import { echoGuest, guardGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { folderWith, runLockgate } from './run-lockgate.ts';

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
  expect(code).toBe(0);
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
});

test('as JSON it is the whole decision and the answer', async () => {
  const args = ['monitor', 'try', 'lockgate.json', '--tool', 'echo__echo', '--args', '-', '--json'];
  const { stdout } = await runLockgate(args, { workingFolder: await folder(), stdin: '{"message":"hello"}' });
  expect(JSON.parse(stdout)).toMatchObject({
    decision: { server: 'echo', tool: 'echo', verdict: 'allowed', phaseMs: { label_resource: expect.any(Number) } },
    result: { content: [{ text: 'hello' }] },
  });
});

test('a missing --tool is a wrong command line', async () => {
  expect((await runLockgate(['monitor', 'try', 'lockgate.json'])).code).toBe(2);
});
