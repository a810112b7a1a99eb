import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { folderWith } from '../cli/run-lockgate.ts';
import { isAlive } from '../fixtures/is-alive.ts';
import { linesProgram } from '../fixtures/lines-program.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Notes its process id, and that of what it starts, before it does anything else. */
const noting = (rest: string) => `
const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
require('node:fs').appendFileSync('pids', process.pid + '\\n' + child.pid + '\\n');
process.on('SIGTERM', () => {});
${rest}`;

async function start(script: string) {
  const config = {
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: { one: { command: process.execPath, args: ['-e', script] } },
  };
  const folder = await folderWith({ 'lockgate.json': JSON.stringify(config) });
  const child = spawn(process.execPath, ['--conditions=@lockgate/source', MAIN, 'doctor', '--json'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const pids = async (): Promise<number[]> =>
    (await readFile(join(folder, 'pids'), 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number);
  return { child, ended, pids, folder };
}

test('the doctor leaves nothing running and writes no file', async () => {
  const { ended, pids, folder } = await start(noting(linesProgram('')));
  expect(await ended).toBe(0);
  expect((await pids()).filter(isAlive)).toEqual([]);
  expect(await pids()).toHaveLength(2);
  expect((await readdir(folder, { recursive: true })).sort()).toEqual(['lockgate.json', 'pids']);
});

test('the doctor leaves nothing running where it is stopped', async () => {
  const { child, ended, pids } = await start(noting('process.stdin.resume(); setInterval(() => {}, 1e6);'));
  await expect.poll(pids).toHaveLength(2);
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += text));
  child.kill('SIGINT');
  expect(await ended).toBe(1);
  expect(stderr).toContain('stopped before all was looked at');
  expect((await pids()).filter(isAlive)).toEqual([]);
});
