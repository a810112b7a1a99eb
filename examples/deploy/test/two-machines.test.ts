import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PAGE = readFileSync(new URL('../../../docs/scaling.md', import.meta.url), 'utf8');
const HELLO = fileURLToPath(import.meta.resolve('@lockgate/abi/guest/hello.wasm'));
const PROGRAM = fileURLToPath(new URL('dist/main.js', import.meta.resolve('@lockgate/gateway/package.json')));
const found = (names: readonly string[]): string | undefined => names.find(existsSync);
const NGINX = found(['/usr/sbin/nginx']);
const REDIS = found(['/usr/bin/redis-server']);
const lacks =
  process.platform !== 'linux'
    ? 'the addresses of two machines are loopbacks here, of which Linux alone has many'
    : NGINX === undefined || REDIS === undefined
      ? 'nginx or redis-server is not installed here (Debian: apt-get install nginx-light redis-server)'
      : undefined;
if (lacks !== undefined) console.log(`skipped: ${lacks}`);

/** What installs, starts services, and prints secrets: done in another way here. */
const OF_THE_SYSTEM = /^(?:apt-get|npm|systemctl|echo) .*\n/gm;

async function freePort(): Promise<number> {
  const probe = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  probe.listen(0, '127.0.0.1', () => resolve());
  await promise;
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

/** Asks for a path, with the name of the site in its head, which `fetch` does not send. */
async function askAt(origin: string, path: string, headers: Record<string, string>, body?: object) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const types = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const method = body === undefined ? 'GET' : 'POST';
  request(origin + path, { method, headers: { ...types, ...headers } }, resolve)
    .once('error', reject)
    .end(body && JSON.stringify(body));
  const response = await promise;
  const session = response.headers['mcp-session-id'];
  return { status: response.statusCode, session, text: await text(response) };
}

test.skipIf(lacks !== undefined)(
  'two machines serve as the page says, typed as written, behind nginx as one',
  { timeout: 120_000 },
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'lockgate-two-machines-'));
    await using running = new AsyncDisposableStack();
    running.defer(() => rmSync(root, { recursive: true }));
    const [redisPort, gatewayPort, sitePort] = [await freePort(), await freePort(), await freePort()];
    const [, section = ''] = PAGE.split('## Two machines, without containers');
    const [first = '', second = ''] = [...section.matchAll(/```sh\n([^`]*)```/g)].map(([, block = '']) => block);
    const machines = { a: '127.0.0.11', b: '127.0.0.12' };
    const folderOf = (name: string): string => join(root, name);
    const type = (name: string, block: string, environment: NodeJS.ProcessEnv): void => {
      for (const folder of ['etc/redis', 'etc/nginx/sites-enabled', 'etc/systemd/system'])
        mkdirSync(join(folderOf(name), folder), { recursive: true });
      const script = block
        .replaceAll(OF_THE_SYSTEM, '')
        .replaceAll('/etc/', `${folderOf(name)}/etc/`)
        .replaceAll('10.0.0.1', machines.a)
        .replaceAll('10.0.0.2', machines.b)
        .replaceAll(':6379', `:${redisPort}`)
        .replaceAll(/(127\.0\.0\.1[12]):3000/g, `$1:${gatewayPort}`)
        .replace('listen 80', `listen 127.0.0.1:${sitePort}`);
      const { status, stderr } = spawnSync('bash', ['--norc', '-euc', script], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { ...process.env, ...environment },
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    };
    type('a', `${first}\nprintf '%s %s' "$KEY" "$PASSWORD" > ${folderOf('a')}/printed\n`, {});
    const [KEY = '', PASSWORD = ''] = readFileSync(join(root, 'a/printed'), 'utf8').split(' ');
    type('b', second, { KEY, PASSWORD });

    const start = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess => {
      const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'ignore'] });
      const { promise, resolve } = Promise.withResolvers<void>();
      child.once('exit', () => resolve());
      running.defer(async () => {
        child.kill('SIGTERM');
        await promise;
      });
      return child;
    };
    start(REDIS ?? '', [join(root, 'a/etc/redis/redis.conf'), '--port', String(redisPort), '--dir', root]);
    chmodSync(root, 0o700);
    for (const name of ['a', 'b']) {
      const etc = join(root, name, 'etc');
      const unit = readFileSync(join(etc, 'systemd/system/lockgate.service'), 'utf8');
      expect(unit).toMatch(/^TimeoutStopSec=60$/m);
      const config = join(etc, 'lockgate/lockgate.json');
      writeFileSync(
        config,
        readFileSync(config, 'utf8')
          .replace('/opt/lockgate/node_modules/@lockgate/abi/guest/hello.wasm', HELLO)
          .replace('/var/cache/lockgate', join(root, name, 'cache')),
      );
      const lines = readFileSync(join(etc, 'lockgate/environment'), 'utf8').trim().split('\n');
      const environment = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
      start(process.execPath, [PROGRAM, 'serve', '--config', config], {
        ...process.env,
        ...environment,
        XDG_STATE_HOME: join(root, name, 'state'),
        XDG_RUNTIME_DIR: join(root, name),
      });
    }
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${root}/${one};`);
    const site = `include ${root}/a/etc/nginx/sites-enabled/default;`;
    const whole = `daemon off; pid ${root}/pid; error_log stderr; events {} http { access_log off; ${paths.join(' ')} ${site} }`;
    writeFileSync(join(root, 'nginx.conf'), whole);
    start(NGINX ?? '', ['-p', root, '-c', join(root, 'nginx.conf')]);

    const headers = { Host: 'tools.example.com', Authorization: `Bearer ${KEY}` };
    const ask = (path: string, body?: object, more: Record<string, string> = {}) =>
      askAt(`http://127.0.0.1:${sitePort}`, path, { ...headers, ...more }, body);
    const isReady = (origin: string) => (): Promise<number | undefined> =>
      askAt(origin, '/health/ready', headers).then(
        ({ status }) => status,
        () => undefined,
      );
    const origins = Object.values(machines).map((host) => `http://${host}:${gatewayPort}`);
    for (const origin of [...origins, `http://127.0.0.1:${sitePort}`])
      await expect.poll(isReady(origin), { timeout: 60_000 }).toBe(200);
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    const began = await ask('/mcp', { jsonrpc: '2.0', id: 1, method: 'initialize', params });
    expect(began.status).toBe(200);
    const session = { 'mcp-session-id': String(began.session) };
    const listed = await ask('/mcp', { jsonrpc: '2.0', id: 2, method: 'tools/list' }, session);
    expect(listed.text).toContain('"hello__greet"');
    for (const origin of origins) {
      const ping = { jsonrpc: '2.0', id: 3, method: 'ping' };
      const { status } = await askAt(origin, '/mcp', { ...headers, ...session }, ping);
      expect({ origin, status }).toEqual({ origin, status: 200 });
    }
  },
);
