import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openConfig } from '../../src/cli/config-options.ts';
import { configurationAccess } from '../../src/cli/configuration-access.ts';
import { followConfig } from '../../src/cli/follow-config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import type { LockgateFile } from '../../src/config/schema.ts';
import { silentLogger } from '../../src/logger.ts';
import { folderWith } from './run-lockgate.ts';

const FIRST = `{
  // who may come in
  "mcpServers": {
    "files": { "command": "files-server", "env": { "TOKEN": "s3cret\\"token", "OTHER": "\${OTHER}" } }
  }
}
`;

async function opened(text = FIRST) {
  const workingFolder = await folderWith({ 'lockgate.json': text });
  const stream = new PassThrough();
  const environment = { OTHER: 'from-a-variable' };
  const terminal = { stdin: stream, piped: false, stdout: stream, stderr: stream, environment, workingFolder };
  const config = await openConfig({}, terminal);
  const applied: LockgateFile[] = [];
  const refused: string[] = [];
  const gateway = {
    reconfigure: async (next: LockgateFile) => {
      if (refused.length > 0)
        throw new ConfigError('configuration', [{ place: ['plugins', 'p'], message: refused[0] ?? '' }]);
      applied.push(next);
    },
    reopenLogs() {},
  };
  const logging = { logger: silentLogger, addSecrets() {}, setLevel() {}, reopen() {} };
  const follower = followConfig({ opened: config, running: config.config, gateway, logging, isWatching: false });
  const path = join(workingFolder, 'lockgate.json');
  return { access: configurationAccess(config, () => follower), path, applied, refused, workingFolder, environment };
}

test('a text to edit has no secret in it, and what stands for one is put back', async () => {
  const { access, path, applied } = await opened();
  const editable = await access.text();
  expect(editable?.text).toContain('"TOKEN": "<<secret 1>>"');
  expect(editable?.text).toContain('// who may come in');
  expect(editable?.text).not.toContain('s3cret');
  const next = (editable?.text ?? '').replace('files-server', 'other-server');
  const changed = await access.change(next, editable?.revision ?? '');
  expect(changed).toMatchObject({ isApplied: true, problems: [], difference: { mcpServers: { changed: ['files'] } } });
  expect(await readFile(path, 'utf8')).toBe(FIRST.replace('files-server', 'other-server'));
  expect(applied).toMatchObject([
    { mcpServers: { files: { command: 'other-server', env: { TOKEN: 's3cret"token' } } } },
  ]);
  expect(await readFile(changed.backup, 'utf8')).toBe(FIRST);
  expect((await stat(changed.backup)).mode & 0o777).toBe(0o600);
  await expect(access.change('{"$schema":"<<secret 9>>"}', changed.revision)).rejects.toThrow('stands for no secret');
});

test('the file keeps its rights, and nothing is left beside it but what it was', async () => {
  const { access, path, workingFolder } = await opened();
  await chmod(path, 0o640);
  const { text = '', revision = '' } = (await access.text()) ?? {};
  await access.change(text.replace('files-server', 'other'), revision);
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect((await readdir(workingFolder)).toSorted()).toEqual([
    'lockgate.json',
    expect.stringMatching(/^lockgate\.json\.before-[0-9a-f]{8}$/),
  ]);
});

test('a text with problems is not written, and each is told with its line and column', async () => {
  const { access, path, applied } = await opened();
  const { revision = '' } = (await access.text()) ?? {};
  const wrong = '{\n  "mcpServers": { "files": { "command": 5 } }\n}\n';
  expect(await access.change(wrong, revision)).toMatchObject({
    isApplied: false,
    problems: [{ place: 'mcpServers.files.command', line: 2, column: expect.any(Number) }],
    backup: '',
    revision,
  });
  expect([await readFile(path, 'utf8'), applied]).toEqual([FIRST, []]);
});

test('what cannot be served is not left in the file', async () => {
  const { access, path, refused } = await opened();
  const { revision = '' } = (await access.text()) ?? {};
  refused.push('no such module');
  const told = await access.change('{"plugins":{"p":{"path":"./p.wasm"}}}', revision);
  expect(told).toMatchObject({ isApplied: false, problems: [{ message: 'no such module' }], revision });
  expect(await readFile(path, 'utf8')).toBe(FIRST);
});

test('a file that has changed since it was read is not written over', async () => {
  const { access, path } = await opened();
  const { text = '', revision = '' } = (await access.text()) ?? {};
  await writeFile(path, `${FIRST}\n`);
  await expect(access.change(text, revision)).rejects.toMatchObject({ status: 409, code: 'CHANGED' });
});

test('of changes at one revision one is made, and the others are told', async () => {
  const { access, path } = await opened();
  const { text = '', revision = '' } = (await access.text()) ?? {};
  const asked = ['one', 'two', 'three'].map((name) => access.change(text.replace('files-server', name), revision));
  const told = await Promise.allSettled(asked);
  expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(await readFile(path, 'utf8')).toContain('"command": "one"');
});

test('a number that means another secret by now is not taken', async () => {
  const { access, path, environment } = await opened();
  const { text = '', revision = '' } = (await access.text()) ?? {};
  environment.OTHER = 'who may come in';
  expect((await access.text())?.text).toContain('// <<secret 1>>');
  await expect(access.change(text, revision)).rejects.toMatchObject({ status: 409 });
  expect(await readFile(path, 'utf8')).toBe(FIRST);
});

test.each(['********', '<<secret  1>>', '<<Secret 1>>', '\\u003c<secret 1>>', '<<secret one>>'])(
  'no secret is written over by "%s"',
  async (instead) => {
    const { access, path } = await opened();
    const { text = '', revision = '' } = (await access.text()) ?? {};
    const wrong = text.replace('<<secret 1>>', instead);
    expect((await access.check(wrong)).problems).toMatchObject([{ message: expect.stringContaining('a mask') }]);
    await expect(access.change(wrong, revision)).rejects.toMatchObject({ status: 400 });
    expect(await readFile(path, 'utf8')).toBe(FIRST);
  },
);

test('a file whose comments have such a mask can be edited', async () => {
  const { access, path } = await opened(FIRST.replace('who may', '******** who may'));
  const { text = '', revision = '' } = (await access.text()) ?? {};
  expect(await access.change(text.replace('files-server', 'other'), revision)).toMatchObject({ isApplied: true });
  expect(await readFile(path, 'utf8')).toContain('******** who may');
});

test('a file that says itself what stands for a secret is not given out', async () => {
  const { access } = await opened(FIRST.replace('who may', '<<secret 1>> may'));
  expect(await access.text()).toBeUndefined();
});

test('a check tells what a text would change and what waits for a restart, and changes nothing', async () => {
  const { access, path } = await opened();
  const text = '{"gateway":{"listen":"127.0.0.1:1","logLevel":"warn"}}';
  expect(await access.check(text)).toMatchObject({
    problems: [],
    difference: { mcpServers: { removed: ['files'] }, gateway: ['logLevel'] },
    waitsForRestart: ['gateway.listen'],
  });
  expect(await readFile(path, 'utf8')).toBe(FIRST);
});

test('a secret that an edit has moved into a name stays one in the text that is edited next', async () => {
  const text = '{"mcpServers": {"files": {"command": "x", "env": {"TOKEN": "hush-5Up3rS3cret"}}}}';
  const { access, path } = await opened(text);
  expect((await access.text())?.text).toContain('"TOKEN": "<<secret 1>>"');
  await writeFile(path, '{"mcpServers": {"hush-5Up3rS3cret": {"command": "x"}}}');
  expect((await access.text())?.text).toBe('{"mcpServers": {"<<secret 1>>": {"command": "x"}}}');
});
