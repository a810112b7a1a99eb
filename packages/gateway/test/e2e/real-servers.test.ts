import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { createGateway } from '../fixtures/patient-gateway.ts';
import { connect, textOf } from './clients.ts';

const require = createRequire(import.meta.url);
const packageOf = (name: string): string => dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`));
const inspector = join(packageOf('inspector'), 'clients/launcher/build/index.js');
const lockgate = new URL('../../src/cli/main.ts', import.meta.url).pathname;

let folder: string;
let gateway: Gateway;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockgate-real-'));
  await writeFile(join(folder, 'note.txt'), 'written before');
  const program = (name: string, ...args: string[]) => ({
    command: process.execPath,
    args: [join(packageOf(name), 'dist/index.js'), ...args],
  });
  const config = {
    gateway: { listen: '127.0.0.1:0' },
    mcpServers: {
      everything: program('server-everything'),
      files: program('server-filesystem', folder),
      memory: { ...program('server-memory'), env: { MEMORY_FILE_PATH: join(folder, 'memory.json') } },
    },
  };
  await writeFile(join(folder, 'lockgate.json'), JSON.stringify(config));
  gateway = await createGateway(config);
  await gateway.started();
  ({ url } = await gateway.listen());
});

afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the real inspector; what it prints on stdout is the result as JSON. */
async function inspect<T = Record<string, unknown>>(target: readonly string[], ...args: string[]): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const env = { ...process.env, HOME: folder };
  execFile(process.execPath, [inspector, '--cli', ...target, ...args], { env }, (error, stdout, stderr) => {
    if (error) reject(new Error(`${stderr}\n${stdout}`, { cause: error }));
    else resolve(stdout);
  });
  return JSON.parse(await promise);
}

// The inspector would take the program's flags for its own; the environment says them too.
const overStdio = (): string[] => {
  const environment = {
    MCP_GATEWAY_CONFIG: join(folder, 'lockgate.json'),
    MCP_GATEWAY_STDIO: '1',
    NODE_OPTIONS: '--conditions=@lockgate/source',
  };
  const pairs = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  return [...pairs, process.execPath, lockgate, 'serve'];
};

const call = (target: readonly string[], name: string, ...args: string[]) =>
  inspect(target, '--method', 'tools/call', '--tool-name', name, ...args.flatMap((arg) => ['--tool-arg', arg]));

async function toolNames(target: readonly string[]): Promise<string[]> {
  const { tools } = await inspect<{ tools: { name: string }[] }>(target, '--method', 'tools/list');
  return tools.map(({ name }) => name);
}

const ONE_OF_EACH = ['everything__echo', 'files__read_text_file', 'memory__read_graph'];

describe('the inspector over HTTP', () => {
  test('lists the tools of three servers from npm under one roof', async () => {
    expect(await toolNames([url])).toEqual(expect.arrayContaining(ONE_OF_EACH));
  });

  test('calls a tool of each', async () => {
    const sum = await call([url], 'everything__get-sum', 'a=2', 'b=3');
    expect(sum).toMatchObject({ content: [{ text: expect.stringContaining('5') }] });
    const read = await call([url], 'files__read_text_file', `path=${join(folder, 'note.txt')}`);
    expect(read).toMatchObject({ content: [{ text: 'written before' }] });
    expect(await call([url], 'memory__read_graph')).toMatchObject({
      structuredContent: { entities: [], relations: [] },
    });
  });

  test('reads a resource and gets a prompt', async () => {
    const uri = 'demo://resource/static/document/architecture.md';
    const { contents } = await inspect<{ contents: unknown[] }>([url], '--method', 'resources/read', '--uri', uri);
    expect(contents).toEqual([expect.objectContaining({ uri, text: expect.any(String) })]);
    const prompt = ['--method', 'prompts/get', '--prompt-name', 'everything__simple-prompt'];
    expect((await inspect<{ messages: unknown[] }>([url], ...prompt)).messages).toHaveLength(1);
  });
});

describe('the inspector over HTTP with SSE', () => {
  test('lists the tools of three servers from npm under one roof', async () => {
    expect(await toolNames([url.replace(/mcp$/, 'sse')])).toEqual(expect.arrayContaining(ONE_OF_EACH));
  });
});

describe('the inspector over stdio', () => {
  test('lists the tools of three servers from npm under one roof', async () => {
    expect(await toolNames(overStdio())).toEqual(expect.arrayContaining(ONE_OF_EACH));
  });

  test('calls a tool', async () => {
    const sum = await call(overStdio(), 'everything__get-sum', 'a=2', 'b=3');
    expect(sum).toMatchObject({ content: [{ text: expect.stringContaining('5') }] });
  });
});

describe('a server from npm behind the older HTTP with SSE', () => {
  test.each(['sse', undefined])('is reached with the type %s', async (type) => {
    const port = await freePort();
    const server = spawn(process.execPath, [join(packageOf('server-everything'), 'dist/index.js'), 'sse'], {
      env: { ...process.env, PORT: `${port}` },
      stdio: 'ignore',
    });
    try {
      await using older = await createGateway({
        gateway: { listen: '127.0.0.1:0', prefix: 'auto' },
        mcpServers: { older: { url: `http://127.0.0.1:${port}/sse`, ...(type && { type }) } as never },
      });
      const opened = await older.listen();
      await expect.poll(() => older.status().upstreams[0]?.state).toBe('running');
      await using client = await connect(opened.url);
      const sum = await client.callTool({ name: 'get-sum', arguments: { a: 2, b: 3 } });
      expect(textOf(sum)).toContain('5');
    } finally {
      server.kill();
    }
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, '127.0.0.1'), 'listening');
  const { port } = probe.address() as AddressInfo;
  await once(probe.close(), 'close');
  return port;
}
