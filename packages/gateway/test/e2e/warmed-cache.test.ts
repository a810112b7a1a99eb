import { spawnSync } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bulkyGuest } from '@lockgate/testkit';
import { expect, test } from 'vitest';
import { LOCKGATE } from '../fixtures/lockgate-program.ts';
import { LockgateProcess } from './lockgate-process.ts';

function lockgate(folder: string, ...args: string[]) {
  const environment = { PATH: process.env.PATH, HOME: folder };
  return spawnSync(process.execPath, [...LOCKGATE, ...args], { cwd: folder, env: environment, encoding: 'utf8' });
}

test('what lockgate cache warm has made is what lockgate serve looks for', async ({ skip }) => {
  const files = { 'bulky.wasm': bulkyGuest({ codeBytes: 400_000 }) };
  const config = {
    gateway: { listen: '127.0.0.1:0', wasmCacheDir: 'cache' },
    plugins: { bulky: { path: './bulky.wasm' } },
  };
  await using before = await LockgateProcess.start({ config, files, args: ['--dry-run'] });
  expect(await before.exited, before.stderr).toBe(0);
  const { folder } = before;
  const stats = lockgate(folder, 'cache', 'stats');
  skip(stats.status === 1, `no disk cache here: ${stats.stderr.trim()}`);
  expect(lockgate(folder, 'cache', 'warm').stdout).toContain('written');
  const [entry = ''] = (await readdir(join(folder, 'cache'))).filter((name) => name.endsWith('.code'));
  // Whoever looks for it finds it damaged, and says so.
  await using file = await open(join(folder, 'cache', entry), 'r+');
  await file.write(Buffer.alloc(64), 0, 64, (await file.stat()).size - 64);
  await using served = LockgateProcess.startIn(folder, config);
  await served.said(/or, in the JSON file of a client/);
  expect(served.stderr).toContain('a cache entry was discarded');
  expect(await served.stop()).toBe(0);
});
