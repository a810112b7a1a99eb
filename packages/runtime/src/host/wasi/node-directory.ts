import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import {
  Errno,
  FdFlag,
  Filetype,
  type WasiDirectory,
  type WasiEntry,
  WasiError,
  type WasiFile,
  type WasiOpen,
  type WasiStat,
  type WasiTimes,
} from '@lockgate/abi';
import type { PlacedGrant } from '../../options.ts';
import { nodeFile, toSeconds } from './node-file.ts';
import { OpenFolder } from './open-folder.ts';
import { systemCall } from './system-errno.ts';
import { toFiletype, toWasiStat } from './system-stat.ts';
import { type Place, saysDirectory, walk } from './walk.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
const { O_DSYNC = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_SYNC = O_DSYNC } = constants;
const NEW_FILE_MODE = 0o666;

/** A directory that a guest was granted, or has opened in one. Nothing but regular files and directories can be opened in it. */
export class NodeDirectory implements WasiDirectory {
  readonly grantedAs: string | undefined;
  readonly isWritable: boolean;
  /** Of one that was granted: where it was then. */
  readonly #place: string | undefined;
  #opened: OpenFolder;

  private constructor(opened: OpenFolder, writable: boolean, { path, place }: Partial<PlacedGrant> = {}) {
    this.#opened = opened;
    this.isWritable = writable;
    this.grantedAs = path;
    this.#place = place;
  }

  /** The file of a directory that somebody has granted. @throws WasiError where it is not what it was then */
  static granted(grant: PlacedGrant): WasiFile {
    return systemCall(() => new NodeDirectory(OpenFolder.root(grant.place), grant.writable, grant).#file());
  }

  /** A grant is of a place: where another directory has been put there, it is of that one. @throws WasiError, and errors of the file system */
  get #folder(): OpenFolder {
    if (this.#place !== undefined) this.#opened = this.#opened.inPlace(this.#place);
    return this.#opened;
  }

  open(path: string, how: WasiOpen): WasiFile {
    const mustBeNew = how.create && how.exclusive;
    const followLinks = (how.followLinks && !mustBeNew) || saysDirectory(path);
    return this.#at(path, followLinks, (place) => {
      // A name with a slash behind it is of a directory, and none is made so, nor opened as if it could be.
      if (how.create && path.endsWith('/')) throw new WasiError(Errno.isDirectory);
      const { folder, name } = place;
      const target = folder.at(name);
      const present = lstatSync(target, { throwIfNoEntry: false });
      if (present && mustBeNew) throw new WasiError(Errno.exists);
      if (present?.isDirectory()) return this.#openDirectory(place, how);
      if (present?.isSymbolicLink()) throw new WasiError(Errno.loop);
      if (how.directory || place.isDirectory) throw new WasiError(present ? Errno.notDirectory : Errno.noEntry);
      // Opening a pipe or a device may wait for ever, or do something.
      if (present && !present.isFile()) throw new WasiError(Errno.access);
      if (how.write || how.truncate || (how.create && !present)) this.#mustBeWritable();
      const fd = openSync(target, openFlags(how), NEW_FILE_MODE);
      const { read, write, flags } = how;
      if (fstatSync(fd).isFile()) return nodeFile({ fd, read, write, flags, touch: this.isWritable });
      closeSync(fd);
      throw new WasiError(Errno.access);
    });
  }

  stat(path: string, followLinks: boolean): WasiStat {
    return this.#at(path, followLinks || saysDirectory(path), (place) => this.#statOf(place));
  }

  setTimes(path: string, followLinks: boolean, times: WasiTimes): void {
    this.#mustBeWritable();
    this.#at(path, followLinks || saysDirectory(path), (place) =>
      lutimesSync(place.folder.at(place.name), ...toSeconds(times, this.#statOf(place))),
    );
  }

  makeDirectory(path: string): void {
    this.#mustBeWritable();
    this.#at(path, false, ({ folder, name }) => mkdirSync(folder.at(name)));
  }

  removeDirectory(path: string): void {
    this.#mustBeWritable();
    this.#at(path, false, ({ folder, name }) => {
      if (name === '.' || /\/\.\/*$/.test(path)) throw new WasiError(Errno.invalid);
      rmdirSync(folder.at(name));
    });
  }

  removeFile(path: string): void {
    this.#mustBeWritable();
    this.#at(path, false, (place) => {
      const { type } = this.#statOf(place);
      if (type === Filetype.directory) throw new WasiError(Errno.isDirectory);
      unlinkSync(place.folder.at(place.name));
    });
  }

  rename(path: string, into: WasiDirectory, newPath: string): void {
    this.#withTarget(into, (target) =>
      this.#at(path, false, (from) => {
        const { type } = this.#statOf(from);
        target.#at(newPath, false, (to) => {
          if (from.name === '.' || to.name === '.') throw new WasiError(Errno.busy);
          if (to.isDirectory && type !== Filetype.directory) throw new WasiError(Errno.notDirectory);
          renameSync(from.folder.at(from.name), to.folder.at(to.name));
        });
      }),
    );
  }

  link(path: string, followLinks: boolean, into: WasiDirectory, newPath: string): void {
    this.#withTarget(into, (target) =>
      this.#at(path, followLinks, (from) => {
        // A link to a link would be one more that nobody here may make.
        if (this.#statOf(from).type !== Filetype.regularFile) throw new WasiError(Errno.notPermitted);
        target.#at(newPath, false, (to) => linkSync(from.folder.at(from.name), to.folder.at(to.name)));
      }),
    );
  }

  /** Guests make none: a guest could not follow one out of what it was granted, but others on this machine would. */
  makeLink(): never {
    throw new WasiError(this.isWritable ? Errno.notPermitted : Errno.readOnly);
  }

  readLink(path: string): string {
    return this.#at(path, saysDirectory(path), (place) => {
      if (place.isDirectory) this.#statOf(place);
      return readlinkSync(place.folder.at(place.name));
    });
  }

  entries(): readonly WasiEntry[] {
    return systemCall(() =>
      readdirSync(this.#folder.at('.'), { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        // Asking for each one's number would be a call of the system for each name; programs do not need it.
        inode: 0n,
        type: toFiletype(entry),
      })),
    );
  }

  #openDirectory({ folder, name }: Place, how: WasiOpen): WasiFile {
    // Many ask for all rights: for one that is no file, to write is to write in it.
    if (how.truncate || ((how.write || how.create) && !how.directory)) throw new WasiError(Errno.isDirectory);
    return new NodeDirectory(folder.enter(name), this.isWritable).#file();
  }

  #file(): WasiFile {
    return {
      type: Filetype.directory,
      flags: 0,
      stat: () => systemCall(() => toWasiStat(lstatSync(this.#folder.at('.'), { bigint: true }))),
      setTimes: (times) => this.setTimes('.', true, times),
      sync: () => {},
      directory: this,
      close: () => this.#opened.close(),
    };
  }

  #at<T>(path: string, followLinks: boolean, work: (place: Place) => T): T {
    return systemCall(() => walk(this.#folder, path, followLinks, work));
  }

  #statOf({ folder, name, isDirectory }: Place): WasiStat {
    const stat = toWasiStat(lstatSync(folder.at(name), { bigint: true }));
    if (isDirectory && stat.type !== Filetype.directory) throw new WasiError(Errno.notDirectory);
    return stat;
  }

  /** Both ends are changed, and so have to be writable. */
  #withTarget(into: WasiDirectory, work: (target: NodeDirectory) => void): void {
    this.#mustBeWritable();
    if (!(into instanceof NodeDirectory)) throw new WasiError(Errno.crossDevice);
    into.#mustBeWritable();
    work(into);
  }

  #mustBeWritable(): void {
    if (!this.isWritable) throw new WasiError(Errno.readOnly);
  }
}

function openFlags({ create, exclusive, truncate, read, write, flags }: WasiOpen): number {
  const access = write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
  const wanted = [
    [create, O_CREAT],
    [exclusive, O_EXCL],
    [truncate, O_TRUNC],
    [(flags & FdFlag.append) !== 0, O_APPEND],
    [(flags & FdFlag.dsync) !== 0, O_DSYNC],
    [(flags & (FdFlag.sync | FdFlag.rsync)) !== 0, O_SYNC],
  ] as const;
  // A name that has become a link meanwhile is not followed, and one that has become a pipe not waited for.
  return wanted.reduce((all, [isWanted, flag]) => (isWanted ? all | flag : all), access | O_NOFOLLOW | O_NONBLOCK);
}
