import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { env, root, run } from '../dev/process.mjs';

/** Whether a registry has this version. @throws when it cannot be asked. */
export async function isPublished({ name, version }, registry) {
  const asked = ['view', `${name}@${version}`, 'version', '--json', '--registry', registry];
  try {
    const { stdout } = await promisify(execFile)('npm', asked, { cwd: root, env });
    return stdout.trim() !== '';
  } catch (error) {
    const said = `${error.stdout}${error.stderr}`.trim();
    if (/\bE404\b/.test(said)) return false;
    throw new Error(`${registry} does not say whether it has ${name} ${version}:\n${said}`);
  }
}

/** Makes the tarball of a package that was just built. @throws when it lacks what its package.json promises. */
export function pack(manifest, place) {
  const { name, directory } = manifest;
  const into = join(place, name);
  const packed = run('pnpm', ['pack', '--pack-destination', into, '--config.ignore-scripts=true'], { cwd: directory });
  const [file] = packed.status === 0 ? readdirSync(into) : [];
  if (file === undefined) throw new Error(`${name} cannot be packed: ${packed.error ?? packed.stdout + packed.stderr}`);
  const tarball = join(into, file);
  const listed = new Set(run('tar', ['-tzf', tarball]).stdout.split('\n'));
  const lacking = promised(manifest).filter((path) => !listed.has(`package/${path}`));
  if (lacking.length > 0) throw new Error(`${name} would be published without ${lacking.join(', ')}`);
  return tarball;
}

function promised({ exports, bin = {} }) {
  const targets = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [entry] : Object.values(entry),
  );
  const files = [...targets, ...Object.values(bin)].filter((target) => !target.includes('*'));
  return ['README.md', 'LICENSE', ...files.map((target) => target.replace(/^\.\//, ''))];
}

/** Publishes a tarball. Only a run of CI that may ask for an identity can vouch for where it was built. */
export function publish(tarball, registry) {
  const provenance = process.env.ACTIONS_ID_TOKEN_REQUEST_URL !== undefined;
  const flags = ['--access', 'public', '--registry', registry, `--provenance=${provenance}`];
  const { status } = run('npm', ['publish', tarball, ...flags], { stdio: ['inherit', 2, 2] });
  if (status !== 0) throw new Error(`npm publish ended with ${status}; run the release again to go on from here`);
}
