// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the configuration's own variables
import { mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { elevenFiles, SECRETS } from '../clients/eleven-files.ts';
import { type LockgateRun, runLockgate } from './run-lockgate.ts';

const FILES = elevenFiles({
  program: (server) => ({ command: 'node', args: [`${server}.js`] }),
  httpUrl: 'https://x.test/mcp',
  sseUrl: 'https://x.test/events',
});

async function home(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'lockgate-home-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const workingFolder = join(folder, 'work');
  await mkdir(workingFolder);
  const run = (args: string): Promise<LockgateRun> =>
    runLockgate(args.split(' '), { workingFolder, environment: { HOME: folder, PATH: process.env.PATH ?? '' } });
  return { folder, workingFolder, run, read: (name: string) => readFile(join(workingFolder, name), 'utf8') };
}

test.each(['lockgate.json', 'lockgate.yaml'])('an empty home gets a small %s that can be used', async (file) => {
  const { run, read } = await home({});
  const { code, stderr } = await run(`init --yes --to ${file}`);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('No MCP client with a server was found on this machine.');
  expect(stderr).toMatch(/^ {2}lockgate serve /m);
  expect(await read(file)).toMatch(/\$schema("|=).*lockgate\.schema\.json/);
  expect(JSON.parse(await read('lockgate.schema.json')).properties).toHaveProperty('mcpServers');
  const check = await run('config check');
  expect(check.stdout, check.stderr).toContain('usable (0 plugins, 0 guards, 1 server)');
});

test('everything that eleven clients have configured goes into one configuration, without a secret in it', async () => {
  const { run, read } = await home({ ...FILES, '.copilot/mcp-config.json': '{"mcpServers": {' });
  const { code, stderr } = await run('init --yes --secrets lockgate.env');
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(
    /^note: .*\.copilot\/mcp-config\.json:1:17: broken JSON.*; none of its servers is taken until then$/m,
  );
  expect(stderr).toMatch(/- developer: left out: Goose brings it itself/);
  expect(stderr).toMatch(/lockgate serve --env lockgate\.env/);
  const text = await read('lockgate.json');
  for (const secret of SECRETS) expect(text + stderr).not.toContain(secret);
  expect(Object.keys(JSON.parse(text).mcpServers)).toEqual([
    ...['Claude-Desktop', 'claude-code', 'of-a-project', 'vscode', 'vscode-web', 'cursor', 'cursor-web', 'windsurf'],
    ...['zed', 'zed-old', 'gemini', 'gemini-sse', 'gemini-http', 'gemini-off', 'codex', 'codex-web', 'codex-off'],
    ...['goose', 'goose-web', 'lm-studio', 'cline', 'cline-old', 'cline-off'],
  ]);
  const others = ['WEB_TOKEN', 'CURSOR_KEY', 'GEMINI_TOOL_KEY', 'CODEX_PASSED', 'CODEX_TOKEN', 'GOOSE_SECRET'];
  for (const name of others) expect(stderr).toMatch(new RegExp(`^  ${name} `, 'm'));
  const { appendFile } = await import('node:fs/promises');
  const folder = dirname(/Written: (.*)/.exec(stderr)?.[1] ?? '');
  await appendFile(join(folder, 'lockgate.env'), others.map((name) => `${name}=x\n`).join(''));
  const check = await run('config check --env lockgate.env');
  expect(check.code, check.stderr).toBe(0);
});

test('without a terminal and without --yes it shows what it would do, and does nothing', async () => {
  const { run, workingFolder } = await home({ '.cursor/mcp.json': FILES['.cursor/mcp.json'] ?? '' });
  const asked = await run('init');
  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain('nothing has been written: there is nobody to ask; --yes makes');
  const dry = await run('init --dry-run');
  expect(dry.code).toBe(0);
  for (const { stdout } of [asked, dry])
    expect(Object.keys(JSON.parse(stdout).mcpServers)).toEqual(['cursor', 'cursor-web']);
  await expect(stat(join(workingFolder, 'lockgate.json'))).rejects.toThrow();
});

test('a configuration that is there stays, and the command that adds to it is told', async () => {
  const { run, folder, workingFolder } = await home({ '.cursor/mcp.json': FILES['.cursor/mcp.json'] ?? '' });
  await writeFile(join(workingFolder, 'lockgate.yaml'), 'mcpServers: {}\n');
  const { code, stderr } = await run('init --yes');
  expect(code).toBe(2);
  expect(stderr).toContain(
    `${workingFolder}/lockgate.yaml is there already; lockgate import ${folder}/.cursor/mcp.json --write adds to it`,
  );
});

/** Runs it as in a terminal, pressing keys when it asks for something. */
async function inTerminal(
  folder: string,
  workingFolder: string,
  answers: readonly (readonly [question: RegExp, keys: string])[],
  columns = 100,
) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns, rows: 60 });
  const stdout = new PassThrough();
  let said = '';
  let next = 0;
  stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const [question, keys] = answers[next] ?? [];
    if (question === undefined || !question.test(said)) return;
    next += 1;
    setImmediate(() => {
      for (const key of keys ?? '') stdin.write(key);
    });
  });
  const environment = { HOME: folder, PATH: process.env.PATH ?? '' };
  const code = await runProgram(['init'], { stdin, piped: false, stdout, stderr, environment, workingFolder });
  return { code, said };
}

test('in a terminal one chooses what is served, and where secrets go', async () => {
  const { folder, workingFolder, read } = await home({
    '.cursor/mcp.json': JSON.stringify({
      mcpServers: { a: { command: 'node', env: { A_KEY: 'a-5Up3rS3cret' } }, b: { command: 'node' } },
    }),
  });
  // Down from the group to the second server, which is taken out.
  const { code, said } = await inTerminal(folder, workingFolder, [
    [/Which servers/, 'jj \r'],
    [/Write .*lockgate\.json\?/, 'y'],
    [/Put the secret/, 'y'],
  ]);
  expect(code, said).toBe(0);
  expect(Object.keys(JSON.parse(await read('lockgate.json')).mcpServers)).toEqual(['a']);
  expect(await read('lockgate.env')).toBe('A_KEY=a-5Up3rS3cret\n');
  expect(said).not.toContain('a-5Up3rS3cret');
});

test('a terminal that does not know its size is asked as one of the usual size', async () => {
  const { folder, workingFolder } = await home({ '.cursor/mcp.json': FILES['.cursor/mcp.json'] ?? '' });
  const { code, said } = await inTerminal(
    folder,
    workingFolder,
    [
      [/Which servers/, '\r'],
      [/Write .*lockgate\.json\?/s, 'n'],
    ],
    0,
  );
  expect(code, said).toBe(2);
});

test('in a terminal nothing is written where somebody says no', async () => {
  const { folder, workingFolder } = await home({ '.cursor/mcp.json': FILES['.cursor/mcp.json'] ?? '' });
  const { code, said } = await inTerminal(folder, workingFolder, [
    [/Which servers/, '\r'],
    [/Write .*lockgate\.json\?/, 'n'],
  ]);
  expect(code).toBe(2);
  expect(said).toContain('nothing has been written');
  await expect(stat(join(workingFolder, 'lockgate.json'))).rejects.toThrow();
});

test('the file that --secrets names is there afterwards, also where no server has a secret', async () => {
  const { run, read } = await home({});
  const { code, stderr } = await run('init --yes --secrets lockgate.env');
  expect(code, stderr).toBe(0);
  expect(await read('lockgate.env')).toMatch(/^# [^\n]*--env[^\n]*\n$/);
  const check = await run('config check --env lockgate.env');
  expect(check.code, check.stderr).toBe(0);
});
