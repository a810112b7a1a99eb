// What a stranger gets from the registry: a fresh clone is released to a registry on this machine, and the packages are
// installed from there into empty projects. In each the program of the README runs; of the gateway also `lockgate`.
// On the newest Node every package has a project of its own; on older ones all share one, which also covers that they
// fit together. Dependencies come from the registry that npm is configured for. Where buildah is, the image of examples/deploy is built from them and started.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildAndStartImage, whyNoImage } from './dev/container-image.mjs';
import { startLocalRegistry } from './dev/local-registry.mjs';
import { readmeExample } from './dev/readme-example.mjs';
import { servedUrl } from './dev/served-url.mjs';
import { strangerEnvironment } from './dev/stranger-environment.mjs';

const LIMIT_MS = 480_000;
const NEWEST = process.execPath;
const OLDER = ['node-22', 'node-24'];
const NAMES = ['abi', 'cache', 'runtime', 'loader', 'gateway', 'testkit'];
const examples = new Map(NAMES.map((name) => [name, readmeExample(`packages/${name}/README.md`)]));

const { devDependencies } = JSON.parse(readFileSync('packages/gateway/package.json', 'utf8'));
const CLIENT_PACKAGE = `@modelcontextprotocol/client@${devDependencies['@modelcontextprotocol/client']}`;

/** One tool call, as any MCP client makes it. */
const CLIENT = `
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
const client = new Client({ name: 'stranger', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2])));
const { content } = await client.callTool({ name: 'hello__greet', arguments: { who: 'world' } });
console.log(content[0].text);
await client.close();
`;

/** A cache without any care, which the testkit has to see through; in TypeScript, whose types every Node from 22.19 on strips. */
const SUBJECT = `
import type { SuiteSubjects } from '@lockgate/testkit';
const compile = (bytes: BufferSource): Promise<WebAssembly.Module> => WebAssembly.compile(bytes);
export default { cache: { create: async () => ({ compile, close: async () => {} }), supports: { engine: false } } } satisfies SuiteSubjects;
`;

const deadline = AbortSignal.timeout(LIMIT_MS);
const place = mkdtempSync(join(tmpdir(), 'lockgate-released-'));
process.once('exit', () => rmSync(place, { recursive: true, force: true }));
const clone = join(place, 'clone');
const uplink = (await run('npm', ['config', 'get', 'registry'], { env: process.env })).stdout.trim();
const registry = await startLocalRegistry(place, uplink);
const npmrc = join(place, 'npmrc');
writeFileSync(
  npmrc,
  `registry=${uplink}\n${registry.url.replace('http:', '')}:_authToken=anybody\nfund=false\naudit=false\n`,
);
const environment = strangerEnvironment({
  npm_config_userconfig: npmrc,
  TURBO_CACHE_DIR: join(process.cwd(), '.turbo/cache'), // what was built and checked here from the same sources is not again
  ...Object.fromEntries(['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_NAME`, 'A maintainer'])),
  ...Object.fromEntries(['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_EMAIL`, 'maintainer@localhost'])),
});

try {
  await run('git', ['clone', '--quiet', '--no-hardlinks', process.cwd(), clone]);
  await timed('npm pack in a fresh clone', packFreshClone);
  await timed('the release', release);
  await Promise.all([installed(), imaged()]);
  console.log('what is published installs and runs');
} finally {
  registry.stop();
}

async function installed() {
  await timed(`each package alone on Node ${process.versions.node}`, eachAlone);
  for (const name of OLDER) await timed(`all packages together on ${name}`, () => allTogether(nodeOf(name)));
}

async function imaged() {
  const why = await whyNoImage();
  if (why === undefined) await timed('the container image', image);
  else console.log(`  skipped: the container image: ${why}`);
}

async function packFreshClone() {
  const { stdout } = await run('npm', ['pack', '--json', '--dry-run'], { cwd: join(clone, 'packages/abi') });
  const [{ files }] = Object.values(JSON.parse(stdout));
  const paths = files.map(({ path }) => path);
  for (const path of ['dist/index.js', 'dist/index.d.ts', 'guest/hello.wasm']) assert.ok(paths.includes(path), path);
}

async function release() {
  const releaseWith = (...args) => run('npm', ['run', '--silent', 'release', '--', ...args], { cwd: clone });
  writeFileSync(join(clone, 'stray'), '');
  await assert.rejects(releaseWith(), { code: 2, stderr: /in no commit[\s\S]*stray/ });
  rmSync(join(clone, 'stray'));

  const to = ['--registry', registry.url];
  const { stdout: rehearsed } = await releaseWith('--dry-run', ...to);
  for (const name of NAMES) assert.match(rehearsed, new RegExp(`@lockgate/${name} \\d+\\.\\d+\\.\\d+`));
  const { stdout } = await releaseWith(...to);
  const { stdout: tags } = await run('git', ['tag'], { cwd: clone });
  for (const [, name, version] of stdout.matchAll(/^published (\S+) (\S+)$/gm)) {
    assert.ok(tags.split('\n').includes(`${name}@${version}`), `${name} ${version} is tagged`);
  }
  assert.equal(stdout.match(/^published /gm)?.length, NAMES.length, stdout);
  assert.match((await releaseWith(...to)).stdout, /has every version already/);
}

async function eachAlone() {
  for (const [name, example] of examples) {
    const project = await newProject(NEWEST, example.install);
    await runExample(project, example);
    if (name === 'gateway') await useProgram(project);
    if (name === 'gateway') await askOldNode(project, 'gateway');
    if (name === 'gateway') await writePlugin(project);
    if (name === 'testkit') await useTestkit(project);
    if (name === 'testkit') await askOldNode(project, 'testkit');
  }
}

async function allTogether(node) {
  const project = await newProject(
    node,
    NAMES.map((name) => `@lockgate/${name}`),
  );
  for (const example of examples.values()) await runExample(project, example);
  await useProgram(project);
  await useTestkit(project);
}

/** An empty project with packages of the local registry; `engine-strict` makes npm refuse what does not fit its Node. */
async function newProject(node, packages) {
  const cwd = mkdtempSync(join(place, 'project-'));
  const env = {
    ...environment,
    PATH: `${dirname(node)}:${environment.PATH}`,
    npm_config_registry: registry.url,
    npm_config_engine_strict: 'true',
    npm_config_cache: join(place, 'npm-cache'),
  };
  await run('npm', ['init', '-y'], { cwd, env });
  await run('npm', ['install', ...packages], { cwd, env });
  return { cwd, env };
}

async function runExample(project, { name, program, output }) {
  writeFileSync(join(project.cwd, name), program);
  const fails = output.startsWith('Error');
  const { code, stdout, stderr } = await run('node', [name], project).catch((error) => error);
  assert.equal(code ?? 0, fails ? 1 : 0, `${name} ended with ${code}:\n${stdout}${stderr}`);
  assert.ok(`${stdout}${stderr}`.includes(output), `${name} printed:\n${stdout}${stderr}\nThe README says:\n${output}`);
}

async function useProgram(project) {
  const manifest = readFileSync(join(project.cwd, 'node_modules/@lockgate/gateway/package.json'), 'utf8');
  const { version } = JSON.parse(manifest);
  assert.equal((await run('npx', ['lockgate', '--version'], project)).stdout, `${version}\n`);

  const plugins = { hello: { path: './node_modules/@lockgate/abi/guest/hello.wasm' } };
  const config = { gateway: { listen: '127.0.0.1:0' }, plugins };
  writeFileSync(join(project.cwd, 'lockgate.json'), JSON.stringify(config));
  // Not by npx, which may be gone at a signal before the program is.
  const server = spawn(join(project.cwd, 'node_modules/.bin/lockgate'), ['serve', '--config', 'lockgate.json'], {
    ...project,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: deadline,
  });
  const ended = once(server, 'exit');
  try {
    const url = await servedUrl(server, ended);
    await run('npm', ['install', CLIENT_PACKAGE], project);
    writeFileSync(join(project.cwd, 'client.mjs'), CLIENT);
    assert.equal((await run('node', ['client.mjs', url], project)).stdout, 'Hello, world!\n');
    server.kill('SIGTERM');
    assert.equal((await ended)[0], 0, 'SIGTERM ends lockgate serve with 0');
  } finally {
    server.kill('SIGKILL');
  }
}

/** The program of the testkit, with no test runner in reach. */
async function useTestkit(project) {
  writeFileSync(join(project.cwd, 'subject.mts'), SUBJECT);
  const { code, stdout } = await run('npx', ['lockgate-testkit', 'subject.mts'], project).catch((error) => error);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /^✔ cache > gives a module that works$/m);
  assert.match(stdout, /^✖ cache > refuses to compile once it is closed$/m);
}

/** A plugin from nothing: what `lockgate new` writes is built with npm alone, and called. */
async function writePlugin({ cwd, env }) {
  const program = join(cwd, 'node_modules/.bin/lockgate');
  const lockgate = (folder, ...args) => run(program, args, { cwd: folder, env });
  await lockgate(cwd, 'new', 'plugin', 'weather');
  const folder = join(cwd, 'weather');
  await run('npm', ['install'], { cwd: folder, env });
  await run('npm', ['run', 'build'], { cwd: folder, env });
  assert.match((await lockgate(folder, 'inspect', 'weather.wasm')).stdout, /^weather\.wasm: plugin, usable\n/);
  const { stdout } = await lockgate(folder, 'call', 'weather__greet', '{"who":"stranger"}');
  assert.equal(stdout, 'Hello, stranger!\n');
  for (const language of ['rust', 'go', 'c', 'zig'])
    await lockgate(cwd, 'new', 'plugin', '--language', language, language);
  await lockgate(cwd, 'new', 'guard', 'notes-guard');
  // To be built it takes Rust; packages/gateway/test/e2e/languages does that.
  await lockgate(cwd, 'new', 'plugin', '--kind', 'component', 'part');
  // What npm alone can build is built and called, with the versions that a stranger gets.
  for (const [what, name] of [
    [['plugin', '--kind', 'extism'], 'borrowed'],
    [['server'], 'whole'],
  ]) {
    await lockgate(cwd, 'new', ...what, name);
    const made = join(cwd, name);
    await run('npm', ['install'], { cwd: made, env });
    await run('npm', ['run', 'build'], { cwd: made, env });
    const called = await lockgate(made, 'call', `${name}__greet`, '{"who":"stranger"}');
    assert.equal(called.stdout, 'Hello, stranger!\n');
  }
}

/** The Node of this machine is often older than what a program needs: then it has to say so, and nothing else. */
async function askOldNode({ cwd }, name) {
  const program = join(cwd, `node_modules/@lockgate/${name}/dist/main.js`);
  const { stdout: version } = await run('node', ['--version']);
  const [major, minor] = version.slice(1).split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return console.log(`  skipped: no Node older than 22.19 here`);
  const { code, stdout, stderr } = await run('node', [program, '--version']).catch((error) => error);
  assert.deepEqual({ isRefused: code > 0, stdout }, { isRefused: true, stdout: '' });
  assert.match(stderr, /^lockgate(?:-testkit)? needs Node 22\.19 or newer, and this is Node [\d.]+: .*\n$/);
  console.log(`  on ${version.trim()}: ${stderr.trim()}`);
}

async function image() {
  for (const line of await buildAndStartImage(place, registry.url)) console.log(`  ${line}`);
}

/** A Node that the lockfile brought. */
function nodeOf(name) {
  return realpathSync(join('node_modules', name, 'bin/node'));
}

async function timed(title, work) {
  const started = performance.now();
  await work();
  console.log(`- ${title}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function run(command, args, { cwd = place, env = environment } = {}) {
  return promisify(execFile)(command, args, { cwd, env, signal: deadline, maxBuffer: 1 << 26 });
}
