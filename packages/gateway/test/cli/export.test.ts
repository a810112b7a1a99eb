// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the clients' own variables
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseToml } from 'smol-toml';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { EXPORTED_CLIENTS } from '../../src/clients/ids.ts';
import { folderWith, type LockgateRun, runLockgate } from './run-lockgate.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const HASH = `sha256:${'a'.repeat(64)}`;
const OPEN = { mcpServers: { git: { command: 'node', args: ['git.js'], env: { T: '${NOT_SET}' } } } };
const KEYED = { ...OPEN, gateway: { listen: '127.0.0.1:4000', auth: { apiKeys: [{ name: 'me', hash: HASH }] } } };

async function folderOf(config: object, files: Readonly<Record<string, string>> = {}) {
  const folder = await folderWith({ 'lockgate.json': JSON.stringify(config) });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const run = (args: string, environment: Record<string, string> = {}): Promise<LockgateRun> =>
    runLockgate(args.split(' '), { workingFolder: folder, environment: { HOME: folder, ...environment } });
  return { folder, run, read: (name: string) => readFile(join(folder, name), 'utf8') };
}

const parsed = (client: string, text: string): unknown =>
  client === 'codex' ? parseToml(text) : client === 'goose' ? parseYaml(text) : JSON.parse(text);

test('variables that only serve is given are not missing here, but for those of the address', async () => {
  const auth = { apiKeys: [{ name: 'me', key: '${NOT_SET}' }] };
  const gateway = {
    publicUrl: 'https://${HOST}/',
    auth,
    state: { redis: { url: '${REDIS_URL}' } },
    audit: { key: '${AUDIT}' },
    logDir: '${LOGS}',
  };
  const { run } = await folderOf({ ...OPEN, gateway });
  const { code, stdout, stderr } = await run('export claude-code', { HOST: 'tools.test' });
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    mcpServers: { lockgate: { url: 'https://tools.test/mcp', headers: { Authorization: 'Bearer ${LOCKGATE_KEY}' } } },
  });
  const without = await run('export claude-code');
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('"HOST" is not defined') });
  const tls = { cert: '${CERT}', key: 'key.pem' };
  const secured = await folderOf({ ...OPEN, gateway: { listen: '127.0.0.1:4000', tls } });
  expect((await secured.run('export cursor')).stdout).toContain('https://127.0.0.1:4000/mcp');
});

test('every client gets the entry that its documentation gives, with its own way to a key', async () => {
  const { folder, run } = await folderOf(KEYED);
  const entries: Record<string, unknown> = {};
  for (const client of EXPORTED_CLIENTS) {
    const { code, stdout, stderr } = await run(`export ${client}`);
    expect(code, stderr).toBe(0);
    entries[client] = parsed(client, stdout);
  }
  const url = 'http://127.0.0.1:4000/mcp';
  const headers = (value: string) => ({ Authorization: `Bearer ${value}` });
  const args = [PROGRAM, 'serve', '--config', join(folder, 'lockgate.json'), '--stdio'];
  expect(entries).toEqual({
    'claude-desktop': { mcpServers: { lockgate: { command: process.execPath, args } } },
    'claude-code': { mcpServers: { lockgate: { type: 'http', url, headers: headers('${LOCKGATE_KEY}') } } },
    vscode: {
      servers: { lockgate: { type: 'http', url, headers: headers('${input:lockgate-key}') } },
      inputs: [{ type: 'promptString', id: 'lockgate-key', description: 'API key of Lockgate', password: true }],
    },
    cursor: { mcpServers: { lockgate: { url, headers: headers('${env:LOCKGATE_KEY}') } } },
    windsurf: { mcpServers: { lockgate: { serverUrl: url, headers: headers('${env:LOCKGATE_KEY}') } } },
    zed: { context_servers: { lockgate: { url, headers: headers('<key>') } } },
    'gemini-cli': { mcpServers: { lockgate: { httpUrl: url, headers: headers('$LOCKGATE_KEY') } } },
    codex: { mcp_servers: { lockgate: { url, bearer_token_env_var: 'LOCKGATE_KEY' } } },
    goose: {
      extensions: {
        lockgate: expect.objectContaining({
          type: 'streamable_http',
          uri: url,
          enabled: true,
          env_keys: ['LOCKGATE_KEY'],
        }),
      },
    },
    'lm-studio': { mcpServers: { lockgate: { url, headers: headers('<key>') } } },
    cline: { mcpServers: { lockgate: { type: 'streamableHttp', url, headers: headers('<key>') } } },
  });
});

const CODEX = `# mine
model = "gpt-5"

# the git server
[mcp_servers.git]
command = "node"
args = ["git.js"]
[mcp_servers.git.env]
T = "x-5Up3rS3cret"

[mcp_servers.other]
command = "other"

[tui]
theme = "dark"
`;

test.each(['[]', '"x"'])('a client’s file that holds %s stays as it is, and is told', async (text) => {
  const { run, read } = await folderOf(OPEN, { 'own.json': text });
  const { code, stderr } = await run('export cursor --write --file own.json');
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('expected an object, got a') });
  expect(stderr).not.toContain('fault of lockgate');
  expect(await read('own.json')).toBe(text);
});

test('what is written into a client’s file leaves the rest of it as it is, and a copy beside it', async () => {
  const zed =
    '// Zed\n{\n\t"theme": "One", // dark\n\t"context_servers": {\n\t\t"mine": { "command": "x" },\n\t},\n}\n';
  const goose = '# goose\nGOOSE_MODEL: x # best\nextensions: # all\n  mine: # own\n    type: stdio\n    cmd: x\n';
  const { folder, run, read } = await folderOf(OPEN, {
    '.config/zed/settings.json': zed,
    '.config/goose/config.yaml': goose,
    '.codex/config.toml': CODEX,
    '.config/Claude/claude_desktop_config.json': '{\n  "mcpServers": {\n    "mine": { "command": "x" }\n  }\n}\n',
  });
  for (const client of ['zed', 'goose', 'codex', 'cursor', 'vscode', 'claude-desktop']) {
    const { code, stderr } = await run(`export ${client} --write --name gate`);
    expect(code, stderr).toBe(0);
    expect((await run(`export ${client} --write --name gate`)).stderr).toContain('has "gate" already');
  }
  expect(await read('.config/zed/settings.json')).toBe(
    zed.replace('"x" },\n', '"x" },\n\t\t"gate": {\n\t\t\t"url": "http://127.0.0.1:3000/mcp"\n\t\t},\n'),
  );
  expect(await read('.config/goose/config.yaml')).toMatch(new RegExp(`^${goose}  gate:\n    enabled: true\n`));
  expect(await read('.codex/config.toml')).toBe(`${CODEX}\n[mcp_servers.gate]\nurl = "http://127.0.0.1:3000/mcp"\n`);
  expect(await read('.codex/config.toml.bak')).toBe(CODEX);
  expect(JSON.parse(await read('.cursor/mcp.json'))).toEqual({
    mcpServers: { gate: { url: 'http://127.0.0.1:3000/mcp' } },
  });
  expect(JSON.parse(await read('.config/Code/User/mcp.json')).servers.gate.type).toBe('http');
  expect(folder).not.toBe('');
});

test('--replace takes out what the gateway has as well, and nothing else', async () => {
  const servers = {
    git: { command: 'node', args: ['git.js'], env: { T: 'y' } },
    same: { command: 'node', args: ['git.js'] },
    other: { command: 'node', args: ['other.js'] },
  };
  const { run, read } = await folderOf(OPEN, {
    '.claude.json': JSON.stringify({ mcpServers: servers, projects: { '/p': { mcpServers: { other: servers.git } } } }),
    '.codex/config.toml': CODEX,
  });
  const added = await run('export claude-code --write');
  expect(added.stderr).toContain('written: "lockgate" in ');
  expect(added.stderr).toContain('the client has git, same as well, so those tools are there twice; --replace takes');
  expect((await run('export claude-code --write --stdio')).stderr).toContain('changed: "lockgate" in ');
  const { stderr } = await run('export claude-code --write --replace');
  expect(stderr).toContain('taken out, since the gateway has them: git, same\n');
  expect(stderr).not.toContain('twice');
  expect((await run('export claude-code --write')).stderr).not.toContain('twice');
  const { mcpServers, projects } = JSON.parse(await read('.claude.json'));
  expect(Object.keys(mcpServers)).toEqual(['other', 'lockgate']);
  expect(Object.keys(projects['/p'].mcpServers)).toEqual(['other']);
  expect((await run('export codex --write --replace')).code).toBe(0);
  const toml = await read('.codex/config.toml');
  expect(Object.keys((parseToml(toml) as { mcp_servers: object }).mcp_servers)).toEqual(['other', 'lockgate']);
  expect(toml).toMatch(/^# mine\nmodel = "gpt-5"\n\n\[mcp_servers\.other\]/);
});

test('a routed gateway has an entry for each server, and a program is started by its name where it is installed', async () => {
  const config = { ...OPEN, gateway: { mode: 'routed', publicUrl: 'https://gate.test/' } };
  const { folder, run } = await folderOf(config, { 'bin/lockgate': '#!/bin/sh\n' });
  const { stdout } = await run('export cursor');
  expect(JSON.parse(stdout)).toEqual({ mcpServers: { git: { url: 'https://gate.test/mcp/git' } } });
  const { chmod } = await import('node:fs/promises');
  await chmod(join(folder, 'bin/lockgate'), 0o755);
  const stdio = await run('export cursor --stdio', { PATH: join(folder, 'bin') });
  expect(JSON.parse(stdio.stdout).mcpServers.lockgate).toEqual({
    command: 'lockgate',
    args: ['serve', '--config', join(folder, 'lockgate.json'), '--stdio'],
  });
});

test('a client that starts the gateway names the file of its variables, or is told which it needs', async () => {
  const { folder, run, read } = await folderOf(OPEN, { 'lockgate.env': 'NOT_SET=1\n' });
  const named = await run('export claude-desktop --env lockgate.env --write --file a.json');
  const args = JSON.parse(await read('a.json')).mcpServers.lockgate.args;
  const files = ['--config', join(folder, 'lockgate.json'), '--env', join(folder, 'lockgate.env')];
  expect(args.slice(-6)).toEqual(['serve', ...files, '--stdio']);
  const told = "the gateway finds NOT_SET in the client's environment alone; --env <file> names a file that has them";
  expect(named.stderr).not.toContain(told);
  expect((await run('export claude-desktop')).stderr).toContain(told);
  expect((await run('export claude-desktop --write --file b.json')).stderr).toContain(told);
  expect((await run('export cursor')).stderr).not.toContain(told);
  const missing = await run('export claude-desktop --env none.env --write --file c.json');
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('none.env')]);
});

test.each([
  ['export cursr', 'there is no client "cursr"; did you mean "cursor"?'],
  ['export cursor --http --stdio', '--http and --stdio want the opposite; keep one'],
  ['export claude-desktop --http', 'Claude Desktop: its file has programs only: leave --http out'],
  ['export cursor --replace', '--replace goes with --write'],
  ['export cursor --write --file broken.json', 'broken JSON'],
  ['export cursor --write --file list.json', '"mcpServers" is no object'],
  ['export goose --write --file broken.yaml', 'broken YAML'],
  ['export codex --write --file inline.toml', 'put the entry in by hand'],
])('%s is refused, and nothing is written', async (args, told) => {
  const files = {
    'broken.json': '{',
    'broken.yaml': 'a: [',
    'list.json': '{"mcpServers": []}',
    'inline.toml': 'mcp_servers = { a = { command = "x" } }\n',
  };
  const { run, read } = await folderOf(OPEN, files);
  const { code, stderr } = await run(args);
  expect(code).not.toBe(0);
  expect(stderr).toContain(told);
  for (const [name, text] of Object.entries(files)) expect(await read(name)).toBe(text);
});

test('without a configuration nothing is written, and how to come by one is said', async () => {
  const folder = await folderWith({});
  for (const args of ['export cursor --write', 'export cursor --write --replace']) {
    const run = await runLockgate(args.split(' '), { workingFolder: folder, environment: { HOME: folder } });
    expect([run.code, run.stderr]).toEqual([
      2,
      expect.stringMatching(/no configuration: there is no lockgate\.json.*"lockgate init"/),
    ]);
  }
  await expect(readFile(join(folder, '.cursor', 'mcp.json'), 'utf8')).rejects.toThrow('ENOENT');
});
