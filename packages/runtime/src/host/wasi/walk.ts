import { lstatSync, readlinkSync } from 'node:fs';
import { Errno, WasiError } from '@lockgate/abi';
import type { OpenFolder } from './open-folder.ts';

/** Links that one path may lead over. */
const MAX_LINKS = 40;
const MAX_DEPTH = 256;

/** Where a path has led: a name in a folder that is there. The name itself may not be there, and is no link unless links were not to be followed. */
export interface Place {
  readonly folder: OpenFolder;
  /** `.` where the path has led to the folder itself. */
  readonly name: string;
  /** The path says that it is a directory. */
  readonly isDirectory: boolean;
}

/**
 * Follows a guest's path from a folder, one name after the other, and does something where it leads. The path never leaves the folder: not by `..`,
 * not absolute, not over a link, wherever that was going to come back to.
 *
 * @throws WasiError
 */
export function walk<T>(root: OpenFolder, path: string, followLast: boolean, work: (place: Place) => T): T {
  const way = new Way(root);
  try {
    return work(way.follow(path, followLast));
  } finally {
    way.leave();
  }
}

/** Whether the last name of a path is that of a directory, whatever is there: there is a slash behind it, or it is none but `.` or `..`. */
export function saysDirectory(path: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(path);
}

class Way {
  readonly #root: OpenFolder;
  /** The names from the root to here, none of which was a link. */
  readonly #names: string[] = [];
  #here: OpenFolder;

  constructor(root: OpenFolder) {
    this.#root = root;
    this.#here = root;
  }

  leave(): void {
    if (this.#here !== this.#root) this.#here.close();
    this.#here = this.#root;
  }

  follow(path: string, followLast: boolean): Place {
    if (path === '') throw new WasiError(Errno.noEntry);
    const rest = partsOf(path);
    let isDirectory = saysDirectory(path);
    let links = 0;
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (name === '..') {
        this.#up();
        continue;
      }
      const isLast = rest.length === 0;
      if (isLast && !followLast && !isDirectory) return { folder: this.#here, name, isDirectory };
      const stat = lstatSync(this.#here.at(name), { throwIfNoEntry: false });
      if (stat?.isSymbolicLink()) {
        if (isLast && !followLast) return { folder: this.#here, name, isDirectory };
        links += 1;
        if (links > MAX_LINKS) throw new WasiError(Errno.loop);
        const target = readlinkSync(this.#here.at(name));
        rest.push(...partsOf(target));
        if (isLast && saysDirectory(target)) isDirectory = true;
      } else if (isLast) return { folder: this.#here, name, isDirectory };
      else if (stat === undefined) throw new WasiError(Errno.noEntry);
      else if (!stat.isDirectory()) throw new WasiError(Errno.notDirectory);
      else this.#enter(name);
    }
    return { folder: this.#here, name: '.', isDirectory: true };
  }

  #enter(name: string): void {
    if (this.#names.length >= MAX_DEPTH) throw new WasiError(Errno.nameTooLong);
    const next = this.#here.enter(name);
    this.leave();
    this.#here = next;
    this.#names.push(name);
  }

  /** What is above is asked of the root, not of the folder: that may have been moved to somewhere else. */
  #up(): void {
    if (this.#names.length === 0) throw new WasiError(Errno.notPermitted);
    const names = this.#names.splice(0).slice(0, -1);
    this.leave();
    for (const name of names) this.#enter(name);
  }
}

/** The names of a path, the first one last. @throws WasiError of an absolute one */
function partsOf(path: string): string[] {
  if (path.startsWith('/')) throw new WasiError(Errno.notPermitted);
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .reverse();
}
