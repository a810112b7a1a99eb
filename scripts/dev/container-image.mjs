// The recipe of examples/deploy, built by buildah without a daemon and started as a container runtime would. Debian's packages and a Node of the lockfile
// stand in for the official Node image, which needs a registry of images.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './process.mjs';

/** How long base and image may take to be made, and then the start: seconds, of all commands together. */
const BUILD_S = 240;
const START_S = 120;
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

/** What the start of an image does to the system, done to nothing: where that is refused, no image can be started here. */
const RIGHTS = `set -e
mount --make-rprivate /
folder=$(mktemp -d)
mount -t tmpfs -o mode=0755 none "$folder"
touch "$folder/file"
mount --bind /dev/null "$folder/file"
mount -o remount,bind,ro "$folder"
umount -R "$folder"
rmdir "$folder"
ip link set lo up
unshare --pid --fork --kill-child --mount-proc true
setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all true
`;

/** What machines without a network, space or rights say. */
const OF_MACHINE =
  /operation not permitted|permission denied|not supported|no space left|cannot allocate|EAI_AGAIN|ENOTFOUND|ECONN(?:REFUSED|RESET)|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|temporary failure|could not resolve|E: (?:Couldn't|Failed)/i;

/** The machine gives no image, whatever the recipe is. */
class MachineRefusal extends Error {}

/** Why no image can be built and started on this machine; undefined where one can. */
export async function whyNoImage() {
  if (process.platform !== 'linux') return 'images are built on Linux alone';
  if (process.getuid() !== 0) return 'it takes root to mount what is built';
  const folders = ['/usr/sbin', '/sbin', ...(process.env.PATH ?? '').split(':')];
  const missing = NEEDED.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  if (missing.length === 0) {
    const refused = await run('unshare', ['--mount', '--net', 'sh', '-c', RIGHTS], { seconds: 30 }).then(
      () => undefined,
      (error) => error,
    );
    return refused && `mounts and namespaces are refused here: ${lastLine(refused)}`;
  }
  return `there is no ${missing.join(', ')} here (Debian: apt-get install buildah debootstrap iproute2)`;
}

/**
 * Builds the image from packages of this registry, starts it, and throws where something is not as it should be. What is the machine's doing, such as a
 * network that is not there or too little time, is no failure.
 *
 * @returns what was found, line by line.
 */
export async function buildAndStartImage(place, registryUrl) {
  try {
    return await makeImage(place, registryUrl);
  } catch (error) {
    if (!(error instanceof MachineRefusal)) throw error;
    return [`skipped: ${error.message}`];
  }
}

async function makeImage(place, registryUrl) {
  const folder = join(place, 'image');
  mkdirSync(folder, { recursive: true });
  const storage = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const endsAt = Date.now() + BUILD_S * 1_000;
  const left = () => Math.max(1, Math.round((endsAt - Date.now()) / 1_000));
  const buildah = async (...args) => (await run('buildah', [...storage, ...args], { seconds: left() })).stdout.trim();
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, `registry=${registryUrl}\n`);

  await ofMachine(async () => {
    const base = await buildah('from', 'scratch');
    await makeBase(await buildah('mount', base), left);
    await buildah('commit', '--rm', base, 'lockgate-base');
  });
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
  const recipe = ['--file', join(RECIPE, 'Containerfile'), '--tag', 'lockgate', RECIPE];
  await ofMachine(() => buildah('build', ...options, ...from, ...recipe), OF_MACHINE);

  const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', 'lockgate'));
  const { User, Env, Entrypoint, Cmd, Healthcheck, ExposedPorts } = Docker.config;
  assert.equal(User, '10001:10001');
  assert.ok('3000/tcp' in ExposedPorts);
  const [kind, program, flag, health] = Healthcheck.Test;
  assert.deepEqual([kind, program, flag], ['CMD', 'node', '-e']);

  const started = await buildah('from', 'lockgate');
  const ROOT = await buildah('mount', started);
  const { stdout: size } = await run('du', ['--summarize', '--block-size=1M', ROOT], { seconds: left() });
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
  const { stdout } = await run('unshare', entry, { env: { ...env, IMAGE_ENV: Env.join('\n') }, seconds: START_S });
  assert.match(stdout, /^Uid: 10001 10001 10001 10001$/m);
  assert.match(stdout, /^CapEff: 0+\nCapBnd: 0+\nNoNewPrivs: 1$/m);
  await buildah('rm', '--all');
  return [`the image has ${size.split('\t', 1)[0]} MiB`, ...stdout.trim().split('\n')];
}

/** What `docker.io/library/node` would be: a small Debian, with node and npm where that has them. */
async function makeBase(mounted, left) {
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  const packages = '--include=ca-certificates,libatomic1,libstdc++6';
  await run('debootstrap', ['--variant=minbase', packages, release, mounted], { seconds: left() });
  const { stdout: global } = await run('npm', ['root', '--global'], { seconds: left() });
  cpSync(realpathSync(process.execPath), join(mounted, 'usr/local/bin/node'));
  const modules = join(mounted, 'usr/local/lib/node_modules');
  mkdirSync(modules, { recursive: true });
  cpSync(join(global.trim(), 'npm'), join(modules, 'npm'), { recursive: true, dereference: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(mounted, 'usr/local/bin/npm'));
}

/** What fails in it is the machine's doing: all, or what says so, and whatever was not done in time. */
async function ofMachine(work, words = /^/) {
  try {
    await work();
  } catch (error) {
    if (error.isLate || words.test(error.message)) throw new MachineRefusal(lastLine(error, words), { cause: error });
    throw error;
  }
}

/** The last that says such words, else the last of all. */
function lastLine({ message }, words = /^/) {
  const lines = message.trim().split('\n');
  return lines.findLast((line) => words.test(line)) ?? lines.at(-1);
}

/** @param how.seconds - It is ended after so many, with all that it has started. */
async function run(command, args, { env, seconds }) {
  const PATH = `/usr/sbin:/sbin:${process.env.PATH}:${dirname(process.execPath)}`;
  const options = { env: env ?? { ...process.env, PATH }, maxBuffer: 1 << 26 };
  const timed = ['--kill-after=5', String(seconds), command, ...args];
  return promisify(execFile)('timeout', timed, options).catch((error) => {
    const isLate = error.code === 124 || error.code === 137;
    const words = isLate
      ? `not done within ${seconds} s`
      : `${error.message}\n${error.stderr ?? ''}`.trim().slice(-4_000);
    throw Object.assign(new Error(`${command} ${args.slice(0, 8).join(' ')}: ${words}`, { cause: error }), { isLate });
  });
}
