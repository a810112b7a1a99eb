import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { bin, cache, env, root, run, say, stop } from './process.mjs';

const pinned = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.split('+')[0];
const memo = join(cache, pinned.replace('@', '-'));
let pnpm;

/** Puts the pinned pnpm on PATH. npx brings it once; later runs reuse the folder and need no network. */
export function findPnpm() {
  const known = existsSync(memo) ? readFileSync(memo, 'utf8') : '';
  pnpm = known && existsSync(join(known, 'pnpm')) ? known : fetchPnpm();
  env.PATH = [bin, pnpm, process.env.PATH].join(delimiter);
}

function fetchPnpm() {
  say(`[1/3] fetching ${pinned}`);
  const npx = run('npx', ['--yes', '--prefer-offline', `--package=${pinned}`, '--', 'node', '-p', 'process.env.PATH'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const folders = (npx.stdout ?? '').trim().split(delimiter);
  const folder = folders.find((path) => path.includes('_npx') && existsSync(join(path, 'pnpm')));
  if (npx.status !== 0 || !folder) stop(`npx could not fetch ${pinned}: is the npm registry reachable?`);
  return folder;
}

/** Installs what the lockfile says and finds the Node that runs the rest. */
export function install() {
  const first = !existsSync(join(root, 'node_modules/.modules.yaml'));
  if (first) say('[2/3] installing dependencies');
  const flags = ['--frozen-lockfile', '--use-stderr', first ? '--reporter=append-only' : '--loglevel=warn'];
  const done = run('pnpm', ['install', '--prefer-offline', ...flags], { stdio: ['ignore', 2, 2] });
  if (done.status !== 0) stop('pnpm install failed; its message is above', done.status);
  mkdirSync(cache, { recursive: true });
  writeFileSync(memo, pnpm);

  const node = run('node', ['-p', 'process.execPath + "\\n" + process.versions.node']);
  const [path = '', version = '0.0'] = (node.stdout ?? '').trim().split('\n');
  const [major, minor] = version.split('.').map(Number);
  if (node.status !== 0 || major < 22 || (major === 22 && minor < 19)) {
    stop(`no packaged Node for ${process.platform}-${process.arch}: install Node >= 22.19 (found ${version})`);
  }
  env.npm_config_nodedir = dirname(dirname(realpathSync(path))); // node-gyp takes these headers, no download
}
