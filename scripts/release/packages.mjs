import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../dev/process.mjs';

/** The packages below a checkout, each after those it depends on. */
export function readPackages(checkout) {
  const folder = join(checkout, 'packages');
  const left = readdirSync(folder).map((name) => {
    const directory = join(folder, name);
    return { directory, ...JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) };
  });
  const ordered = [];
  while (left.length > 0) {
    const waits = ({ dependencies = {} }) => left.some(({ name }) => Object.hasOwn(dependencies, name));
    const next = left.findIndex((each) => !waits(each));
    if (next === -1) throw new Error(`packages depend on each other in a circle: ${left.map(({ name }) => name)}`);
    ordered.push(...left.splice(next, 1));
  }
  return ordered;
}

/** The pending changesets of this checkout. */
export function changesets() {
  return readdirSync(join(root, '.changeset')).filter((file) => file.endsWith('.md') && file !== 'README.md');
}
