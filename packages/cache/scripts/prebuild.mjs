// Fills prebuilds/<platform>-<arch>/ with the addon for every Node line the package supports. Headers come from the npm
// packages node-<platform>-<arch>, fetched into a temporary folder; nothing is installed and no script is run.
//
//   node scripts/prebuild.mjs [22 24 26] [--fetched=<folder that holds <major>/package/include>]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { fetched: { type: 'string' } } });
const majors = positionals.length > 0 ? positionals : ['22', '24', '26'];
const folder = join(import.meta.dirname, '..');
const target = join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
const gyp = createRequire(join(folder, 'package.json')).resolve('node-gyp/bin/node-gyp.js');
const work = values.fetched ?? mkdtempSync(join(tmpdir(), 'prebuild-'));

try {
  mkdirSync(target, { recursive: true });
  for (const major of majors) build(major);
  writeFileSync(join(folder, 'prebuilds/sources.sha256'), `${sourcesDigest()}\n`);
} finally {
  if (values.fetched === undefined) rmSync(work, { recursive: true, force: true });
}

function build(major) {
  const headers = fetchHeaders(major);
  const version = readFileSync(join(headers, 'include/node/node_version.h'), 'utf8');
  const abi = /#define NODE_MODULE_VERSION (\d+)/.exec(version)?.[1];
  const sources = join(work, `${major}-native`);
  mkdirSync(sources, { recursive: true });
  for (const name of readdirSync(join(folder, 'native'))) {
    if (name !== 'build') copyFileSync(join(folder, 'native', name), join(sources, name));
  }
  execFileSync(process.execPath, [gyp, 'rebuild', `--nodedir=${headers}`, '--loglevel=error'], {
    cwd: sources,
    env: { ...process.env, npm_config_nodedir: headers },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const file = join(target, `v8_code_cache.abi${abi}.node`);
  copyFileSync(join(sources, 'build/Release/v8_code_cache.node'), file);
  if (process.platform === 'linux') execFileSync('strip', [file]);
  console.log(`Node ${major} (ABI ${abi}): ${file}`);
}

// Lets a test say that somebody changed the sources and not the binaries.
function sourcesDigest() {
  const digest = createHash('sha256');
  for (const name of readdirSync(join(folder, 'native')).sort()) {
    if (name !== 'build') digest.update(name).update(readFileSync(join(folder, 'native', name)));
  }
  return digest.digest('hex');
}

function fetchHeaders(major) {
  const place = join(work, major);
  const headers = join(place, 'package');
  if (!existsSync(headers)) {
    mkdirSync(place, { recursive: true });
    const name = `node-${process.platform}-${process.arch}@${major}`;
    const packed = execFileSync('npm', ['pack', '--silent', name], { cwd: place, encoding: 'utf8' }).trim();
    execFileSync('tar', ['xzf', packed.split('\n').at(-1)], { cwd: place });
  }
  return headers;
}
