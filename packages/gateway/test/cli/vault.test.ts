import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readKeyRing } from '../../src/login/key-ring.ts';
import { runLockgate } from './run-lockgate.ts';

let folder: string;
let keyFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-vault-command-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  keyFile = join(folder, 'vault.key');
  // A secret that only a server needs is not missing here.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
  const mcpServers = { web: { url: 'https://web.test/${TOKEN}' } };
  const config = { gateway: { vault: { dir: join(folder, 'vault'), keyFile } }, mcpServers };
  await writeFile(join(folder, 'lockgate.json'), JSON.stringify(config));
});

test.each([
  ['there is no file', undefined],
  ['the file is empty', ''],
  ['the file has remarks alone', '# nothing yet\n\n'],
])('makes a key where %s', async (_what, text) => {
  if (text !== undefined) await writeFile(keyFile, text);
  expect(await runLockgate(['vault', 'init'], { workingFolder: folder })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Made ${keyFile}.`),
  });
  expect(readKeyRing(await readFile(keyFile, 'utf8'), keyFile)).toHaveLength(1);
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
});

test('leaves a line that is no key where it is, and says so', async () => {
  await writeFile(keyFile, 'not-one-at-all\n');
  const said = await runLockgate(['vault', 'init'], { workingFolder: folder });
  expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining(`key 1 of ${keyFile} is to be 32 bytes`) });
  expect(said.stderr).not.toContain('not-one-at-all');
  expect(await readFile(keyFile, 'utf8')).toBe('not-one-at-all\n');
});
