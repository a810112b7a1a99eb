import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFlag } from '../../src/cli/config-flag.ts';
import { configurationAccess } from '../../src/cli/configuration-access.ts';
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

test('so do those that want a key of the vault', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-flag-'));
  const path = join(folder, 'other.json');
  const make = `"lockgate vault init --config ${path}" makes`;
  const keyFile = join(folder, 'vault.key');
  await writeFile(path, JSON.stringify({ gateway: { vault: { dir: join(folder, 'vault'), keyFile } } }));
  expect((await runLockgate(['vault', 'rotate', '--config', path])).stderr).toContain(make);
  await writeFile(keyFile, 'none\n', { mode: 0o600 });
  expect((await runLockgate(['vault', 'rotate', '--config', path])).stderr).toContain(make);
  expect((await runLockgate(['doctor', '--config', path])).stdout).toContain(make);
});

test('whoever reads a hint in the log or the console may be in any folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-flag-'));
  const opened = { files: [], read: () => expect.unreachable() };
  const flagOf = (source: string, flag: string): string =>
    configurationAccess({ ...opened, source, flag } as never, () => undefined).flag;
  expect(flagOf(join(folder, 'other.json'), ' --config other.json')).toBe(` --config ${join(folder, 'other.json')}`);
  expect(flagOf(join(folder, 'lockgate.json'), '')).toBe('');
});

test('of several configurations in a folder the one that is read is told', async () => {
  const workingFolder = await mkdtemp(join(tmpdir(), 'lockgate-flag-'));
  await writeFile(join(workingFolder, 'lockgate.json'), '{}');
  await writeFile(join(workingFolder, 'lockgate.yaml'), 'plugins: {}\n');
  const told = 'lockgate.json is read, and lockgate.yaml beside it is not';
  expect((await runLockgate(['config', 'check'], { workingFolder })).stderr).toContain(told);
  const named = await runLockgate(['config', 'check', '--config', 'lockgate.yaml'], { workingFolder });
  expect(named.stderr).not.toContain('is read');
});
