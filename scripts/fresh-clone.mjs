// A stranger's first minutes, for real: clones this repository, empties HOME, runs `npm start`, and lets the MCP
// inspector list and call tools over HTTP and over stdio. Then starts again with a registry that does not answer.
// Costs a download of the toolchain, so it is a step of the gate and not part of `npm test`.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servedUrl } from './dev/served-url.mjs';
import { strangerEnvironment } from './dev/stranger-environment.mjs';

const source = process.cwd();
const place = mkdtempSync(join(tmpdir(), 'lockgate-stranger-'));
const clone = join(place, 'a folder', 'lockgate');
const env = strangerEnvironment({ HOME: join(place, 'home') });

try {
  git('clone', '--quiet', '--no-hardlinks', source, clone);
  await tour('first start: everything is fetched', env);
  await tour('second start: the registry does not answer', { ...env, npm_config_registry: 'http://127.0.0.1:9/' });
  console.log('a stranger gets a served plugin with one command, twice');
} finally {
  rmSync(place, { recursive: true, force: true });
}

async function tour(title, environment) {
  console.log(`- ${title}`);
  const started = performance.now();
  const server = spawn('npm', ['start'], {
    cwd: clone,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const ended = once(server, 'exit');
  try {
    const url = await servedUrl(server, ended);
    console.log(`  serving ${url} after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    ask('http', environment, [url, '--transport', 'http']);
    const program = join(clone, 'packages/gateway/dist/main.js');
    const config = join(clone, 'examples/quickstart/lockgate.json');
    // The inspector would take the program's flags for its own; the environment says them too.
    const settings = ['-e', `MCP_GATEWAY_CONFIG=${config}`, '-e', 'MCP_GATEWAY_STDIO=1'];
    ask('stdio', environment, [...settings, join(clone, 'node_modules/.bin/node'), program, 'serve']);
    process.kill(server.pid, 'SIGTERM');
    const [code] = await ended;
    assert.equal(code, 0, 'SIGTERM drains and exits with 0');
  } finally {
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {
      // gone already, as it should be
    }
  }
}

function ask(transport, environment, target) {
  let listed;
  let tool;
  // Clients are not kept waiting for what has not come up; on a busy machine that may be the plugin, at first.
  for (let times = 0; times < 10 && tool === undefined; times++) {
    listed = inspect(environment, target, ['--method', 'tools/list']);
    tool = listed.tools.find(({ name }) => name.endsWith('count_words'))?.name;
  }
  assert.ok(listed.tools.length >= 8, `tools/list over ${transport} gives ${listed.tools.length} tools`);
  assert.ok(tool, `textkit's count_words is listed over ${transport}`);
  const readme = spawnSync('cat', [join(clone, 'README.md')], { encoding: 'utf8' }).stdout;
  const answer = inspect(environment, target, [
    '--method',
    'tools/call',
    '--tool-name',
    tool,
    '--tool-arg',
    `text=${readme}`,
  ]);
  assert.notEqual(answer.isError, true, JSON.stringify(answer));
  assert.match(JSON.stringify(answer.content), /words/);
  console.log(`  ${transport}: ${listed.tools.length} tools; ${tool} on this README: ${answer.content[0].text}`);
}

function inspect(environment, target, args) {
  const cli = join(clone, 'packages/gateway/node_modules/.bin/mcp-inspector');
  const done = spawnSync(cli, ['--cli', ...target, ...args], {
    cwd: clone,
    env: { ...environment, PATH: `${join(clone, 'node_modules/.bin')}:${environment.PATH}` },
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(done.status, 0, `inspector ${args.join(' ')}: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

function git(...args) {
  const done = spawnSync('git', args, { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
}
