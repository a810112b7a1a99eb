import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { read } from './read-file.ts';

const PROGRAM = fileURLToPath(new URL('dist/main.js', import.meta.resolve('@lockgate/gateway/package.json')));
const HELLO = fileURLToPath(import.meta.resolve('@lockgate/abi/guest/hello.wasm'));
const KEY = 'k'.repeat(32);
/** As the image does: a user without a name, where this may be tried. */
const USER = process.getuid?.() === 0 ? { uid: 10_001, gid: 10_001 } : {};
if (USER.uid === undefined) console.log('not as another user: only root may start a program as user 10001');

let folder: string;
let config: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockgate-deploy-'));
  config = join(folder, 'lockgate.json');
  const installed = JSON.parse(read('lockgate.json')) as { plugins: { hello: { path: string } } };
  installed.plugins.hello.path = HELLO;
  writeFileSync(config, JSON.stringify(installed));
  if (USER.uid !== undefined) chownSync(folder, USER.uid, USER.gid);
});

afterAll(() => rmSync(folder, { recursive: true }));

const environment = { ...process.env, LOCKGATE_KEY: KEY };

test('the configuration can be used, and without its key it says which variable is missing', () => {
  const check = (env: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, [PROGRAM, 'config', 'check', '--config', config], { env, encoding: 'utf8' });
  const { stdout, stderr, status } = check(environment);
  expect({ stdout, stderr, status }).toMatchObject({ stdout: expect.stringContaining('usable (1 plugin'), status: 0 });
  const { LOCKGATE_KEY: _, ...without } = environment;
  const refused = check(without);
  expect({ isNamed: /LOCKGATE_KEY/.test(refused.stderr), status: refused.status }).toEqual({
    isNamed: true,
    status: 2,
  });
});

test('as in a container it listens on every address, answers probes by any of its names, and asks everybody else for the key', async () => {
  const args = [
    PROGRAM,
    'serve',
    '--config',
    config,
    '--listen',
    '0.0.0.0:0',
    '--wasm-cache-dir',
    join(folder, 'wasm-cache'),
  ];
  const env = { ...environment, HOME: folder, TMPDIR: folder };
  const server = spawn(process.execPath, args, { env, ...USER, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const port = await listeningPort(server.stderr.setEncoding('utf8'));
    const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    await expect.poll(() => ask('/health/ready')).toBe(200);
    expect(await ask('/health/live')).toBe(200);
    expect(await ask('/mcp')).toBe(401);
    expect(await statusByHost(port, '10.42.0.17:3000')).toBe(200);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
});

async function listeningPort(stderr: AsyncIterable<string>): Promise<number> {
  let said = '';
  for await (const text of stderr) {
    said += text;
    const port = /:(\d+)\/mcp\b/.exec(said)?.[1];
    if (port) return Number(port);
  }
  throw new Error(`it serves nothing, and said:\n${said}`);
}

/** A probe names the address of its pod. */
async function statusByHost(port: number, host: string): Promise<number | undefined> {
  const request = get({ port, path: '/health/live', headers: { host } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}
