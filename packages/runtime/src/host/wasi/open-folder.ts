import { closeSync, constants, existsSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Errno, WasiError } from '@lockgate/abi';

/** Linux: a directory that is only stood in; that needs no right to list it. Node has no name for it. */
const O_PATH = 0x200000;

/**
 * Whether an open directory can be entered by its number. Where it can, nothing that others do to its path meanwhile leads elsewhere; where not,
 * somebody who may change the directories that a guest was granted can, at the right moment, lead it out of them.
 */
const HAS_NUMBERS = process.platform === 'linux' && existsSync('/proc/self/fd');

/** A directory that a path leads through. */
export class OpenFolder {
  readonly #path: string;
  readonly #fd: number | undefined;

  private constructor(path: string, fd: number | undefined) {
    this.#path = path;
    this.#fd = fd;
  }

  /** Where a path leads, over any links. @throws errors of the file system */
  static placeOf(path: string): string {
    const folder = OpenFolder.#open(path, 0);
    try {
      return folder.#place();
    } finally {
      folder.close();
    }
  }

  /**
   * One that somebody has granted, in the place where it was then.
   *
   * @throws WasiError (`loop`) where a name on the way there has become a link, and errors of the file system
   */
  static root(place: string): OpenFolder {
    const folder = OpenFolder.#open(place, 0);
    if (folder.#place() === place) return folder;
    folder.close();
    throw new WasiError(Errno.loop);
  }

  /** One that lies in this one; a link is none. @throws errors of the file system */
  enter(name: string): OpenFolder {
    return OpenFolder.#open(this.at(name), constants.O_NOFOLLOW);
  }

  static #open(path: string, flags: number): OpenFolder {
    if (!HAS_NUMBERS) return new OpenFolder(path, undefined);
    return new OpenFolder(path, openSync(path, O_PATH | constants.O_DIRECTORY | flags));
  }

  /** Its own path, or that of a name in it, for one call of the system. */
  at(name: string): string {
    if (name === '.') return this.#fd === undefined ? this.#path : `/proc/self/fd/${this.#fd}/.`;
    return this.#fd === undefined ? join(this.#path, plain(name)) : `/proc/self/fd/${this.#fd}/${name}`;
  }

  /** Itself where it is in that place still, and otherwise what is there now; then it is closed itself. @throws as `root` does */
  inPlace(place: string): OpenFolder {
    if (this.#place() === place) return this;
    const next = OpenFolder.root(place);
    this.close();
    return next;
  }

  /** Where it is, as the system has it. */
  #place(): string {
    return this.#fd === undefined ? realpathSync.native(this.#path) : readlinkSync(`/proc/self/fd/${this.#fd}`);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

/** A name that is one name on every system. @throws WasiError */
function plain(name: string): string {
  if (process.platform === 'win32' && /[\\:]/.test(name)) throw new WasiError(Errno.notPermitted);
  return name;
}
