import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfigFile } from '../../src/config/load.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { runLockgate } from '../cli/run-lockgate.ts';
import { elevenFiles } from '../clients/eleven-files.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { connect, textOf } from './clients.ts';

const require = createRequire(import.meta.url);
const entryOf = (name: string): string =>
  join(dirname(require.resolve(`@modelcontextprotocol/server-${name}/package.json`)), 'dist/index.js');

let home: string;
const remote: ChildProcess[] = [];

/** The real everything server over HTTP. */
async function serveRemote(kind: 'streamableHttp' | 'sse'): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const child = spawn(process.execPath, [entryOf('everything'), kind], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  remote.push(child);
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => /listening|running/i.test(chunk.toString()) && resolve());
  await promise;
  return `http://127.0.0.1:${port}/${kind === 'sse' ? 'sse' : 'mcp'}`;
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'lockgate-clients-'));
  const [httpUrl, sseUrl] = await Promise.all([serveRemote('streamableHttp'), serveRemote('sse')]);
  const files = elevenFiles({
    program: (server) => ({ command: process.execPath, args: [entryOf(server)] }),
    httpUrl,
    sseUrl,
  });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), text);
  }
});

afterAll(async () => {
  for (const child of remote) child.kill();
  await rm(home, { recursive: true, force: true });
});

function waitingLong<T extends object>(servers: Readonly<Record<string, T>>) {
  return Object.fromEntries(
    Object.entries(servers).map(([name, one]) => [name, { ...one, connectTimeoutMs: 140_000 }]),
  );
}

test('what eleven clients have configured is imported, served and called', async () => {
  const environment = { HOME: home, PATH: process.env.PATH ?? '' };
  const init = await runLockgate(['init', '--yes', '--secrets', 'lockgate.env'], { workingFolder: home, environment });
  expect(init.code, init.stderr).toBe(0);
  const unset = ['WEB_TOKEN', 'CURSOR_KEY', 'GEMINI_TOOL_KEY', 'CODEX_PASSED', 'CODEX_TOKEN', 'GOOSE_SECRET'];
  const path = join(home, 'lockgate.json');
  const { config } = resolveConfig({
    text: await loadConfigFile(path),
    folder: home,
    flags: { listen: '127.0.0.1:0' },
    environment: { ...environment, ...Object.fromEntries(unset.map((name) => [name, 'x'])) },
    envFile: (await import('node:util')).parseEnv(
      await (await import('node:fs/promises')).readFile(join(home, 'lockgate.env'), 'utf8'),
    ),
    workingFolder: home,
  });
  // Twenty programs at once, on a machine that may do other things.
  const patient = { ...config, mcpServers: waitingLong(config.mcpServers) };
  await using gateway = Object.assign(await createGateway(patient, { startWindowMs: 150_000 }), {
    async [Symbol.asyncDispose]() {
      await gateway.close();
    },
  });
  await gateway.started();
  const { url } = await gateway.listen();
  await using client = await connect(url);
  const served = async (): Promise<Record<string, number>> => {
    const { tools } = await client.listTools();
    const of = (server: string): number => tools.filter(({ name }) => name.startsWith(`${server}__`)).length;
    return Object.fromEntries(Object.keys(config.mcpServers).map((name) => [name, of(name)]));
  };
  const memory = 9;
  const everything = 13;
  // A server of the test adds its last tools once it has been told that it is connected.
  await expect.poll(served).toEqual({
    ...Object.fromEntries(
      [
        'Claude-Desktop',
        'claude-code',
        'of-a-project',
        'vscode',
        'cursor',
        'zed',
        'zed-old',
        'codex',
        'goose',
        'cline',
      ].map((name) => [name, memory]),
    ),
    ...Object.fromEntries(
      ['vscode-web', 'cursor-web', 'windsurf', 'gemini-sse', 'gemini-http', 'goose-web', 'lm-studio', 'cline-old'].map(
        (name) => [name, everything],
      ),
    ),
    ...Object.fromEntries(['gemini', 'codex-web'].map((name) => [name, 1])),
    ...Object.fromEntries(['gemini-off', 'codex-off', 'cline-off'].map((name) => [name, 0])),
  });
  for (const server of ['gemini', 'codex-web', 'windsurf', 'cline-old'])
    expect(textOf(await client.callTool({ name: `${server}__echo`, arguments: { message: server } }))).toContain(
      server,
    );
});
