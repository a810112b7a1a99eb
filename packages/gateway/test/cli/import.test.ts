// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readTextFile } from '../../src/config/read-text-file.ts';
import { folderWith, type LockgateRun, runLockgate } from './run-lockgate.ts';

const CURSOR = JSON.stringify({
  mcpServers: {
    git: { command: 'node', args: ['git.js'], env: { GIT_TOKEN: 'hush-5Up3rS3cret' } },
    web: { url: 'https://x.test/mcp', disabled: true },
  },
});

const inFolder =
  (workingFolder: string) =>
  (args: string, environment: Record<string, string> = {}): Promise<LockgateRun> =>
    runLockgate(args.split(' '), { workingFolder, environment: { HOME: workingFolder, ...environment } });

test('shows what would be written, and writes nothing', async () => {
  const folder = await folderWith({ 'cursor.json': CURSOR });
  const { code, stdout, stderr } = await inFolder(folder)('import cursor.json --from cursor');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    $schema: './lockgate.schema.json',
    mcpServers: {
      git: { command: 'node', args: ['git.js'], env: { GIT_TOKEN: '${GIT_TOKEN}' } },
      web: { url: 'https://x.test/mcp', disabled: true },
    },
  });
  expect(stderr.replaceAll(folder, '<here>')).toBe(`
~/cursor.json (Cursor)
  + git
      env.GIT_TOKEN is written out there: here it is \${GIT_TOKEN}
  + web (switched off)

Set before it is served, in the environment or in a file for --env; the value is now in:
  GIT_TOKEN  env.GIT_TOKEN of "git" in ~/cursor.json

Nothing has been written: add --write to make <here>/lockgate.json.
`);
  await expect(stat(join(folder, 'lockgate.json'))).rejects.toThrow();
});

test('writes a new configuration with its schema, and secrets into a file for their owner alone', async () => {
  const folder = await folderWith({ 'cursor.json': CURSOR, 'own.env': 'A=1' });
  const run = inFolder(folder);
  const { code, stdout, stderr } = await run('import cursor.json --write --secrets own.env');
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' });
  expect(await readFile(join(folder, 'own.env'), 'utf8')).toBe('A=1\nGIT_TOKEN=hush-5Up3rS3cret\n');
  const schema = JSON.parse(await readFile(join(folder, 'lockgate.schema.json'), 'utf8'));
  expect(schema.title).toBe('Lockgate configuration');
  expect((await run('config check --env own.env')).code).toBe(0);

  const fresh = await run('import cursor.json --to other.json --write --secrets fresh.env');
  expect(fresh.code, fresh.stderr).toBe(0);
  expect((await stat(join(folder, 'fresh.env'))).mode & 0o777).toBe(0o600);
  const json = await run('import cursor.json --json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    written: false,
    outcomes: [
      { name: 'git', result: 'same' },
      { name: 'web', client: expect.any(String) },
    ],
    variables: [],
    problems: [],
  });
  for (const { stdout, stderr } of [fresh, json]) expect(stdout + stderr).not.toContain('hush-5Up3rS3cret');
});

const OWN = `// mine
{
\t"gateway": { "listen": "127.0.0.1:4000" }, // a port of my own
\t"mcpServers": {
\t\t// the first
\t\t"git": { "command": "mine", "env": { "KEY": "own-5Up3rS3cret", "T": "\${T}" } },
\t},
}
`;

test('adds to a configuration as somebody has written it, keeps what it was, and shows no secret of it', async () => {
  const folder = await folderWith({ 'cursor.json': CURSOR, 'real.json': OWN });
  await chmod(join(folder, 'real.json'), 0o640);
  await symlink('real.json', join(folder, 'lockgate.json'));
  const run = inFolder(folder);
  const dry = await run('import cursor.json');
  expect(dry.stdout).toMatch(/^--- .*\n\+\+\+ .*\n@@/);
  expect(dry.stdout).toContain('+\t\t"web": {\n');
  expect(dry.stdout).toContain('"env": { "KEY": "********", "T": "${T}" }');
  expect(dry.stderr).toContain('! git: not taken: another "git" stands in the configuration and is kept');

  const written = await run('import cursor.json --write --rename');
  expect(written.code, written.stderr).toBe(0);
  const text = await readFile(join(folder, 'lockgate.json'), 'utf8');
  expect(text.startsWith(OWN.slice(0, OWN.indexOf('\t},\n}')).trimEnd().replace(/,$/, ''))).toBe(true);
  expect(text).toContain('\t\t"git-2": {\n\t\t\t"command": "node"');
  expect((await lstat(join(folder, 'lockgate.json'))).isSymbolicLink()).toBe(true);
  expect((await stat(join(folder, 'real.json'))).mode & 0o777).toBe(0o640);
  expect(await readFile(join(folder, 'real.json.bak'), 'utf8')).toBe(OWN);

  const again = await run('import cursor.json --write');
  expect(again.stderr).toContain(`There is nothing to add to ${folder}/lockgate.json.`);
  expect(await readFile(join(folder, 'lockgate.json'), 'utf8')).toBe(text);
});

test('adds to a configuration in YAML, with its comments', async () => {
  const own = '# mine\nmcpServers: # all\n  "git": # first\n    command: mine # own\n\n# end\n';
  const folder = await folderWith({ 'cursor.json': CURSOR, 'lockgate.yaml': own });
  const { code, stderr } = await inFolder(folder)('import cursor.json --write');
  expect(code, stderr).toBe(0);
  expect(await readFile(join(folder, 'lockgate.yaml'), 'utf8')).toBe(
    own.replace('# own\n', '# own\n  web:\n    url: https://x.test/mcp\n    disabled: true\n'),
  );
});

test('of several files the broken ones are told, and the others are taken', async () => {
  const folder = await folderWith({
    'cursor.json': CURSOR,
    'broken.json': '{"mcpServers": {',
    'empty.json': '',
    'other.json': '{"a": 1}',
  });
  const run = inFolder(folder);
  const { code, stderr } = await run('import broken.json cursor.json none.json . empty.json other.json --write');
  expect(code).toBe(1);
  expect(
    stderr
      .replaceAll(folder, '<here>')
      .split('\n')
      .filter((line) => line.startsWith('error:')),
  ).toEqual([
    'error: <here>/broken.json:1:17: broken JSON: a closing brace is missing; write "}" where the object ends',
    'error: <here>/none.json: there is no such file',
    'error: <here>: cannot read the file: it is a folder',
    'error: <here>/empty.json: the file is empty: nothing to serve',
    expect.stringMatching(
      /^error: <here>\/other\.json: no MCP servers of a client that is known stand here; say with --from/,
    ),
  ]);
  expect(JSON.parse(await readFile(join(folder, 'lockgate.json'), 'utf8')).mcpServers).toHaveProperty('git');
  expect((await run('import broken.json')).code).toBe(2);
});

test.each([
  ['import cursor.json --write --dry-run', '--write and --dry-run want the opposite; keep one'],
  ['import cursor.json --secrets x', '--secrets goes with --write'],
  ['import cursor.json --from curser', 'there is no client "curser"; did you mean "cursor"? (known: claude-desktop, '],
  ['import cursor.json --to broken.json', 'broken JSON'],
  ['import cursor.json --to list.json', 'expected an object, got a list'],
])('%s is refused, and nothing is written', async (args, told) => {
  const files = { 'cursor.json': CURSOR, 'broken.json': '{', 'list.json': '{"mcpServers": []}' };
  const folder = await folderWith(files);
  const { code, stderr } = await inFolder(folder)(args);
  expect(code).toBe(2);
  expect(stderr).toContain(told);
});

test('a name from a file cannot move the cursor', async () => {
  const folder = await folderWith({
    'cursor.json': JSON.stringify({ mcpServers: { 'a\u001B[2J\nerror: b': { command: 'x' } } }),
  });
  const { stderr } = await inFolder(folder)('import cursor.json');
  expect(stderr).not.toContain('\u001B');
  expect(stderr).toContain('  + a [2J error: b\n');
});

test('a file that changes while it is read is not written over', async () => {
  const folder = await folderWith({ 'cursor.json': CURSOR, 'lockgate.json': OWN });
  const { writeWithBackup } = await import('../../src/cli/write-with-backup.ts');
  const path = join(folder, 'lockgate.json');
  await writeFile(path, '{}');
  await expect(writeWithBackup(path, OWN, 'new')).rejects.toThrow('somebody has changed it meanwhile');
  expect(await readFile(path, 'utf8')).toBe('{}');
});

test('the example of the documentation is what an import says', async () => {
  const page = await readFile(new URL('../../../../docs/import.md', import.meta.url), 'utf8');
  const [, shown = ''] = /```console\n\$ lockgate import ~\/\.cursor\/mcp\.json\n(.*?)```/s.exec(page) ?? [];
  const own =
    '{\n  "$schema": "./lockgate.schema.json",\n  "mcpServers": {\n    "files": { "command": "mcp-files" } // mine\n  }\n}\n';
  const github = { url: 'https://api.github.test/mcp', headers: { Authorization: 'Bearer ghp_0123456789abcdef' } };
  const folder = await folderWith({ 'lockgate.json': own });
  await mkdir(join(folder, '.cursor'));
  await writeFile(
    join(folder, '.cursor/mcp.json'),
    JSON.stringify({ mcpServers: { github, files: { command: 'mcp-files' } } }),
  );
  const { stdout, stderr } = await inFolder(folder)('import .cursor/mcp.json');
  expect(`${stdout}${stderr}`.replaceAll(folder, '/home/me')).toBe(shown);
});

test('a key that stands twice is named, and what the client reads is taken', async () => {
  const twice = `{"mcpServers": {
    "a": {"command": "first"},
    "b": {"command": "node"},
    "a": {"command": "last"}
  }}`;
  const folder = await folderWith({ 'cursor.json': twice, 'claude.json': twice });
  const { code, stdout, stderr } = await inFolder(folder)('import cursor.json --from cursor');
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout).mcpServers).toEqual({ a: { command: 'last' }, b: { command: 'node' } });
  expect(stderr).toContain(
    'note: ~/cursor.json:4:5: the key "a" stands twice; the last one is taken, as Cursor does\n',
  );
  const json = await inFolder(folder)('import cursor.json --from cursor --json');
  expect(JSON.parse(json.stdout).notes).toEqual([expect.stringContaining('the key "a" stands twice')]);
});

test('what an editor asks for and has a value for need not be set', async () => {
  const mcp = JSON.stringify({
    inputs: [
      { id: 'region', type: 'promptString', description: 'Region', default: 'eu' },
      { id: 'token', type: 'promptString', password: true },
    ],
    servers: { a: { command: 'node', args: ['--region', '${input:region}'], env: { T: '${input:token}' } } },
  });
  const folder = await folderWith({ 'mcp.json': mcp });
  const run = inFolder(folder);
  const { stderr } = await run('import mcp.json --from vscode');
  expect(stderr).toContain('the value is now in:\n  TOKEN  VS Code asks for it\n');
  expect(stderr).toContain('May be set as well:\n  REGION  "eu" otherwise; VS Code asks for it: Region\n');
  await run('import mcp.json --from vscode --write --secrets own.env');
  expect(await readFile(join(folder, 'own.env'), 'utf8')).toContain(
    '# VS Code asks for it: Region; "eu" where it is not set\n# REGION=\n',
  );
});

test('a password of a proxy gets a variable of its own: the usual name would hold for every server', async () => {
  const of = (password: string) => ({ command: 'node', env: { HTTPS_PROXY: `http://me:${password}@proxy.test:8080` } });
  const folder = await folderWith({ 'cursor.json': JSON.stringify({ mcpServers: { git: of('5Up3rS3cret') } }) });
  const { stdout } = await inFolder(folder)('import cursor.json --from cursor');
  expect(JSON.parse(stdout).mcpServers.git.env).toEqual({ HTTPS_PROXY: '${GIT_HTTPS_PROXY}' });
});

test.skipIf(process.platform === 'win32')('a pipe that nobody may ever write to is waited for nowhere', async () => {
  const folder = await folderWith({ 'cursor.json': CURSOR, 'own.json': '{"mcpServers": {}}' });
  await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
  const run = inFolder(folder);
  const refused = { code: 2, stderr: expect.stringContaining('pipe: it is no file, and reading it might never end; ') };
  expect(await run('import pipe')).toMatchObject(refused);
  expect(await run('import cursor.json --to pipe')).toMatchObject(refused);
  expect(await run('import cursor.json --write --secrets pipe')).toMatchObject(refused);
  expect(await run('export cursor --write --file pipe --stdio --config own.json')).toMatchObject(refused);
});

test.each([
  ['UTF-16, the low byte first', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['UTF-16, the high byte first', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ['UTF-8 with a mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
])('a file in %s stays so when an entry goes into it', async (_, encode) => {
  const own = '{"mcpServers": {"mine": {"command": "größe"}}}\n';
  const folder = await folderWith({ 'cursor.json': CURSOR, 'lockgate.json': encode(own), 'mcp.json': encode(own) });
  const run = inFolder(folder);
  expect((await run('import cursor.json --write')).stderr).toContain('Written: ');
  expect((await run('export cursor --write --file mcp.json --stdio')).stderr).toContain('written: ');
  for (const file of ['lockgate.json', 'mcp.json']) {
    const bytes = await readFile(join(folder, file));
    const text = await readTextFile(join(folder, file));
    expect(Object.keys(JSON.parse(text).mcpServers).length).toBeGreaterThan(1);
    expect(bytes.equals(encode(text))).toBe(true);
    expect(text).toContain('größe');
  }
});
