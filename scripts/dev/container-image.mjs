// The recipe of examples/deploy, built by buildah without a daemon and started as a container runtime would. Debian's packages and a Node of the lockfile
// stand in for the official Node image, which needs a registry of images.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './process.mjs';

const LIMIT_MS = 600_000;
const RECIPE = join(root, 'examples/deploy');
const KEY = 'lg_key_of_the_image_0123456789abcdef0123';
const NEEDED = ['buildah', 'debootstrap', 'unshare', 'setpriv', 'ip'];

/** One tool call with nothing but fetch: the image has no client in it. */
const PROBE = `
const ask = async (body, more = {}) => {
  const headers = { authorization: 'Bearer ' + process.env.LOCKGATE_KEY, 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...more };
  return fetch('http://127.0.0.1:3000/mcp', { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...body }) });
};
const clientInfo = { name: 'probe', version: '1' };
const begun = await ask({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
const session = { 'mcp-session-id': begun.headers.get('mcp-session-id') };
await ask({ method: 'notifications/initialized' }, session);
const called = await ask({ id: 2, method: 'tools/call', params: { name: 'hello__greet', arguments: { who: 'image' } } }, session);
const text = await called.text();
if (!text.includes('Hello, image!')) throw new Error(called.status + ' ' + text);
const stranger = await ask({ id: 3, method: 'tools/list' }, { authorization: '' });
if (stranger.status !== 401) throw new Error('a stranger was let in: ' + stranger.status);
console.log('the tool answers whoever has the key');
`;

/** Why no image can be built on this machine; undefined where one can. */
export function whyNoImage() {
  if (process.platform !== 'linux') return 'images are built on Linux alone';
  if (process.getuid() !== 0) return 'it takes root to mount what is built';
  const folders = ['/usr/sbin', '/sbin', ...(process.env.PATH ?? '').split(':')];
  const missing = NEEDED.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  if (missing.length === 0) return undefined;
  return `there is no ${missing.join(', ')} here (Debian: apt-get install buildah debootstrap iproute2)`;
}

/**
 * Builds the image from packages of this registry, starts it, and throws where something is not as it should be.
 *
 * @returns what was found, line by line.
 */
export async function buildAndStartImage(place, registryUrl) {
  const folder = join(place, 'image');
  mkdirSync(folder, { recursive: true });
  const storage = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const buildah = async (...args) => (await run('buildah', [...storage, ...args])).stdout.trim();
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, `registry=${registryUrl}\n`);

  const base = await buildah('from', 'scratch');
  await makeBase(await buildah('mount', base));
  await buildah('commit', '--rm', base, 'lockgate-base');
  const options = [
    '--isolation',
    'chroot',
    '--network',
    'host',
    '--format',
    'docker',
    '--volume',
    `${npmrc}:/root/.npmrc:ro`,
  ];
  const from = ['--build-arg', 'NODE=localhost/lockgate-base'];
  await buildah('build', ...options, ...from, '--file', join(RECIPE, 'Containerfile'), '--tag', 'lockgate', RECIPE);

  const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', 'lockgate'));
  const { User, Env, Entrypoint, Cmd, Healthcheck, ExposedPorts } = Docker.config;
  assert.equal(User, '10001:10001');
  assert.ok('3000/tcp' in ExposedPorts);
  const [kind, program, flag, health] = Healthcheck.Test;
  assert.deepEqual([kind, program, flag], ['CMD', 'node', '-e']);

  const started = await buildah('from', 'lockgate');
  const ROOT = await buildah('mount', started);
  const { stdout: size } = await run('du', ['--summarize', '--block-size=1M', ROOT]);
  const env = {
    PATH: process.env.PATH,
    ROOT,
    RUN_AS: User,
    CONFIG: join(RECIPE, 'lockgate.json'),
    HEALTH: health,
    PROBE,
    LOCKGATE_KEY: KEY,
  };
  const script = join(root, 'scripts/dev/start-image.sh');
  const entry = ['--mount', '--net', 'sh', script, ...Entrypoint, ...Cmd];
  const { stdout } = await run('unshare', entry, { env: { ...env, IMAGE_ENV: Env.join('\n') } });
  assert.match(stdout, /^Uid: 10001 10001 10001 10001$/m);
  assert.match(stdout, /^CapEff: 0+\nCapBnd: 0+\nNoNewPrivs: 1$/m);
  await buildah('rm', '--all');
  return [`the image has ${size.split('\t', 1)[0]} MiB`, ...stdout.trim().split('\n')];
}

/** What `docker.io/library/node` would be: a small Debian, with node and npm where that has them. */
async function makeBase(mounted) {
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  await run('debootstrap', ['--variant=minbase', '--include=ca-certificates,libatomic1,libstdc++6', release, mounted]);
  const { stdout: global } = await run('npm', ['root', '--global']);
  cpSync(realpathSync(process.execPath), join(mounted, 'usr/local/bin/node'));
  const modules = join(mounted, 'usr/local/lib/node_modules');
  mkdirSync(modules, { recursive: true });
  cpSync(join(global.trim(), 'npm'), join(modules, 'npm'), { recursive: true, dereference: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(mounted, 'usr/local/bin/npm'));
}

async function run(command, args, { env } = {}) {
  const PATH = `/usr/sbin:/sbin:${process.env.PATH}:${dirname(process.execPath)}`;
  const options = { env: env ?? { ...process.env, PATH }, timeout: LIMIT_MS, maxBuffer: 1 << 26 };
  return promisify(execFile)(command, args, options).catch((error) => {
    throw new Error(`${command} ${args.slice(0, 8).join(' ')}: ${error.message.slice(-4_000)}`, { cause: error });
  });
}
