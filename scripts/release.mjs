// `npm run release`: from a clean checkout to packages on a registry. What was published stays published, so whatever
// can be refused is refused before, and a run that broke off goes on where it ended.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { env, root, run, say } from './dev/process.mjs';
import { changesets, readPackages } from './release/packages.mjs';
import { isPublished, pack, publish } from './release/registry.mjs';

const REFUSED = 2;
const HELP = `Usage: npm run release -- [options]

Builds and checks the packages, gives those with pending changesets their versions (one commit), publishes every
version that the registry does not have yet, and tags it. Push the commit and the tags afterwards.

Options:
  --dry-run         say what would be published; change and publish nothing
  --registry <url>  publish there (default: what \`npm config get registry\` says)
  --help            print this

Exit codes: 0 all is published, 1 a step failed (run it again: what is published is skipped), 2 refused, nothing was done.

Examples:
  npm run release -- --dry-run
  npm run release -- --registry http://127.0.0.1:4873/
  npm run release && git push --follow-tags
`;

const { dryRun, registry } = readOptions();
refuseUncleanTree();
const pending = changesets();
const place = mkdtempSync(join(tmpdir(), 'lockgate-release-'));
try {
  if (dryRun) await rehearse();
  else await release();
} catch (error) {
  say(env.DEBUG ? error.stack : `the release stops: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}

async function release() {
  if (pending.length === 0 && (await notOnRegistry(readPackages(root))).length === 0) {
    return console.log(`${registry} has every version already`);
  }
  step('npm', ['run', '--silent', 'check']);
  if (pending.length > 0) giveVersions();
  const missing = await notOnRegistry(readPackages(root));
  step('npm', ['run', '--silent', 'build']);
  const tarballs = missing.map((each) => ({ ...each, tarball: pack(each, place) }));
  for (const { name, version, tarball } of tarballs) {
    publish(tarball, registry);
    console.log(`published ${name} ${version}`);
  }
  step('changeset', ['git-tag']);
  console.log(`${registry} has every version now; make it known with: git push --follow-tags`);
}

/** Versions and changelogs from the changesets, as one commit. */
function giveVersions() {
  const before = versions(root);
  step('changeset', ['version']);
  const given = readPackages(root).filter(({ name, version }) => before.get(name) !== version);
  step('git', ['add', '--all']);
  const list = given.map(({ name, version }) => `${name} ${version}`).join('\n');
  step('git', ['commit', '--quiet', '--message', `Version packages\n\n${list}`]);
}

/** The same in a scratch clone, up to the point where something would leave this machine. */
async function rehearse() {
  const clone = join(place, 'clone');
  step('git', ['clone', '--quiet', '--shared', root, clone]);
  if (pending.length > 0) {
    step('ln', ['-s', join(root, 'node_modules'), join(clone, 'node_modules')]);
    step('changeset', ['version'], { cwd: clone });
  }
  const before = versions(root);
  const missing = await notOnRegistry(readPackages(clone));
  if (missing.length === 0) return console.log(`${registry} has every version already`);
  console.log(`to ${registry} would go:`);
  for (const { name, version } of missing) {
    const from = before.get(name);
    console.log(`  ${name} ${version}${from === version ? '' : ` (${from} with its pending changesets)`}`);
  }
}

function versions(checkout) {
  return new Map(readPackages(checkout).map(({ name, version }) => [name, version]));
}

async function notOnRegistry(packages) {
  const known = await Promise.all(packages.map((each) => isPublished(each, registry)));
  return packages.filter((_, index) => !known[index]);
}

function readOptions() {
  const options = { 'dry-run': { type: 'boolean' }, registry: { type: 'string' }, help: { type: 'boolean' } };
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    const to = values.registry ?? run('npm', ['config', 'get', 'registry']).stdout.trim();
    if (!URL.canParse(to)) throw new TypeError(`--registry takes a URL such as http://127.0.0.1:4873/, not "${to}"`);
    // Without the "--" npm keeps the flag for itself: it must not turn a rehearsal into a release.
    return { dryRun: values['dry-run'] ?? process.env.npm_config_dry_run === 'true', registry: to };
  } catch (error) {
    return refuse(`${error.message}\nnpm run release -- --help says more.`);
  }
}

function refuseUncleanTree() {
  const { status, stdout, stderr } = run('git', ['status', '--porcelain']);
  if (status !== 0) refuse(`a release is made from a git checkout: ${stderr.trim()}`);
  if (stdout !== '') refuse(`the tree has changes that are in no commit; commit or stash them first:\n${stdout}`);
}

function refuse(why) {
  say(why);
  process.exit(REFUSED);
}

function step(command, args, { cwd = root } = {}) {
  const { status, stdout, error } = run(command, args, { cwd, stdio: ['ignore', 'pipe', 2] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${error?.message ?? status}\n${stdout}`);
}
