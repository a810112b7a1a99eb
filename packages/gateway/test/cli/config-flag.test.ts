import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFlag } from '../../src/cli/config-flag.ts';
import { runLockgate } from './run-lockgate.ts';

test.each([
  [undefined, ''],
  ['lockgate.json', ''],
  ['./lockgate.yaml', ''],
  ['/home/me/lockgate.json', ''],
  ['other.json', ' --config other.json'],
  ['../lockgate.json', ' --config ../lockgate.json'],
  ['my files/lockgate.json', " --config 'my files/lockgate.json'"],
])('a hint names a configuration that no command finds by itself: %s', (given, flag) => {
  expect(configFlag(given, '/home/me')).toBe(flag);
});

test('commands that were told a configuration name it in what they say to do next', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-flag-'));
  const path = join(folder, 'other.json');
  await writeFile(path, JSON.stringify({ mcpServers: { files: { command: '/no/such/program' } } }));
  const listed = await runLockgate(['tools', 'files', '--config', path]);
  expect(listed.stderr).toContain(`"lockgate doctor --config ${path}" says more`);
  const called = await runLockgate(['call', 'read', '--config', path]);
  expect(called.stderr).toContain(`"lockgate doctor --config ${path}" says what to do`);
});
