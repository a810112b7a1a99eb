import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';

const MOST_LINKS = 40;

/** The folders in which a change may change what a path leads to, with the names that matter in each. */
export type PathHops = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Follows a path through every symbolic link to its file, or to the first part that is missing. Watching the folders of
 * all links, not the file, is what sees a link that is pointed elsewhere anywhere on the way.
 */
export async function pathHops(path: string): Promise<PathHops> {
  const hops = new Map<string, Set<string>>();
  const hop = (folder: string, name: string): void => {
    hops.set(folder, (hops.get(folder) ?? new Set<string>()).add(name));
  };
  const { root } = parse(resolve(path));
  let rest = partsOf(resolve(path).slice(root.length));
  let folder = root;
  let links = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '..') {
      folder = dirname(folder);
      continue;
    }
    const target = await linkTarget(join(folder, name));
    if (target !== null || rest.length === 0) hop(folder, name);
    if (target === undefined) break; // missing: this folder is where it would come back
    if (target === null) {
      folder = join(folder, name);
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) break;
    rest = [...partsOf(isAbsolute(target) ? target.slice(parse(target).root.length) : target), ...rest];
    if (isAbsolute(target)) folder = parse(target).root;
  }
  return hops;
}

function partsOf(path: string): string[] {
  return path.split(sep).filter((part) => part !== '' && part !== '.');
}

/** Where a link leads; null for what is no link, undefined for what does not exist. */
async function linkTarget(path: string): Promise<string | null | undefined> {
  try {
    const stats = await lstat(path);
    return stats.isSymbolicLink() ? await readlink(path) : null;
  } catch {
    return undefined;
  }
}
