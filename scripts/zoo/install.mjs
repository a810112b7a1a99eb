import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../dev/process.mjs';
import { BEFORE } from './table.mjs';

const run = promisify(execFile);
/** Where the servers are, outside the workspace and its lockfile. */
export const cache = join(root, 'node_modules/.cache/zoo');
const OWN_SERVERS = join(root, 'scripts/zoo/own-servers');
const INSTALL_MS = 300_000;
const UV = 'uv==0.13.9';

/** How many installations run at the same time. */
export const INSTALLS_AT_ONCE = 3;

/**
 * Installs one server into a folder of its own, outside the workspace, unless it is there. Scripts of packages are not run.
 * Resolves with how it is started and which SDK it has; rejects with what its installer said.
 */
export async function install(server) {
  const folder = join(cache, server.id);
  const pins = [server.from === 'npm' ? `${server.package}@${server.version}` : `${server.package}==${server.version}`];
  const wanted = JSON.stringify([...pins, ...(server.with ?? []), server.python ?? '', BEFORE]);
  const mark = join(folder, 'installed');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await (server.from === 'npm' ? installFromNpm : installFromPypi)(folder, [...pins, ...(server.with ?? [])], server);
    writeFileSync(mark, wanted);
  }
  return server.from === 'npm' ? npmProgram(folder, server) : pythonProgram(folder, server);
}

async function installFromNpm(folder, pins) {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const flags = [
    '--save-exact',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `--before=${BEFORE}`,
  ];
  await run('npm', ['install', ...flags, ...pins], { cwd: folder, timeout: INSTALL_MS });
}

async function installFromPypi(folder, pins, { python = '>=3.11' }) {
  const uv = await findUv();
  const options = { cwd: folder, timeout: INSTALL_MS, env: { ...process.env, ...(await everyPython()) } };
  await run(uv, ['--quiet', '--no-python-downloads', 'venv', '--python', python, 'venv'], options);
  await run(
    uv,
    ['--quiet', 'pip', 'install', '--python', 'venv/bin/python', '--exclude-newer', BEFORE, ...pins],
    options,
  );
}

/** Where pyenv keeps several Pythons it shows only those that are asked for. */
async function everyPython() {
  const found = await run('pyenv', ['versions', '--bare']).catch(() => undefined);
  return found ? { PYENV_VERSION: found.stdout.trim().split('\n').join(':') } : {};
}

let uvFound;

/** Many environments by pip would take minutes; uv links what they share. */
function findUv() {
  uvFound ??= (async () => {
    const folder = join(cache, '.uv');
    const uv = join(folder, 'bin/uv');
    if (existsSync(uv)) return uv;
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', UV], {
      timeout: INSTALL_MS,
    });
    return uv;
  })();
  return uvFound;
}

const SDKS = ['@modelcontextprotocol/server', '@modelcontextprotocol/sdk', 'fastmcp', 'tmcp', 'mcp-framework', 'xmcp'];

function npmProgram(folder, server) {
  const modules = join(folder, 'node_modules');
  const versionOf = (name) => {
    const file = join(modules, name, 'package.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
  };
  const sdks = SDKS.filter((name) => versionOf(name) !== undefined).map(
    (name) => `${name.replace('@modelcontextprotocol/', 'TypeScript ')} ${versionOf(name)}`,
  );
  const home = join(modules, server.package);
  const sdk = server.sdk ?? (sdks.join(', ') || 'compiled in');
  if (server.own) {
    const own = join(folder, 'own');
    cpSync(join(OWN_SERVERS, server.own), own, { recursive: true });
    return { command: process.execPath, args: [join(own, 'server.mjs')], sdk };
  }
  if (server.file) return { command: join(home, server.file), args: [], sdk };
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const path = typeof bin === 'string' ? bin : server.bin ? bin[server.bin] : Object.values(bin)[0];
  return { command: process.execPath, args: [join(home, path)], sdk };
}

function pythonProgram(folder, server) {
  const lib = join(folder, 'venv/lib');
  const [version] = readdirSync(lib).filter((name) => name.startsWith('python'));
  const sdks = readdirSync(join(lib, version, 'site-packages'))
    .map((name) => /^(mcp|fastmcp)-(\d[^-]*)\.dist-info$/.exec(name))
    .filter((match) => match !== null)
    .map(([, name, number]) => `${name === 'mcp' ? 'Python mcp' : name} ${number}`);
  return { command: join(folder, 'venv/bin', server.bin ?? server.package), args: [], sdk: sdks.join(', ') };
}
