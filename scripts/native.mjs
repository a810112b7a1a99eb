// Builds a package's native/ folder with node-gyp where a compiler, make and python3 exist. A failure never breaks the
// build: the package works without its addon. turbo runs it uncached, since a skip must not be remembered.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const folder = join(process.cwd(), 'native');
const build = join(folder, 'build');
const headers = dirname(dirname(realpathSync(process.execPath)));

if (process.env.NO_NATIVE) skip('NO_NATIVE is set');
if (!existsSync(join(headers, 'include/node/node_api.h'))) skip(`no headers under ${headers}/include`);

const digest = sourcesDigest();
const stamp = join(build, 'stamp');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) process.exit(0);

const gyp = createRequire(join(process.cwd(), 'package.json')).resolve('node-gyp/bin/node-gyp.js');
const run = spawnSync(process.execPath, [gyp, 'rebuild', `--nodedir=${headers}`, '--loglevel=error'], {
  cwd: folder,
  encoding: 'utf8',
  timeout: 300_000,
  env: { ...process.env, npm_config_nodedir: headers },
});
if (run.status !== 0) skip(firstError(run));
writeFileSync(stamp, digest);
console.log('native addon built');

function skip(why) {
  rmSync(build, { recursive: true, force: true });
  console.log(`native addon skipped: ${why}`);
  process.exit(process.env.REQUIRE_NATIVE ? 1 : 0);
}

function sourcesDigest() {
  const hash = createHash('sha256').update(`${headers} ${process.version}`);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.startsWith(build)) hash.update(path).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function firstError({ stdout, stderr, error, status }) {
  if (process.env.REQUIRE_NATIVE) console.error(`${stdout}${stderr}`);
  const telling = `${stderr ?? ''}`.split('\n').findLast((line) => /error:|gyp ERR! stack Error|not found/i.test(line));
  return (telling ?? `${error ?? `node-gyp ended with ${status}`}`).trim();
}
