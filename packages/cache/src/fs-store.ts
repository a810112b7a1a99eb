import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Identity } from './directory.ts';
import type { FileSystem } from './file-system.ts';

/** A file that was found, opened without following links, and belongs to us alone. */
export interface OpenFile {
  readonly fd: number;
  readonly byteLength: number;
  /** The first bytes of the file, fewer than asked for where it is shorter. */
  readStart(byteLength: number): Uint8Array;
  /** Notes that the file was used now, for those who look for the least recently used one. */
  touch(nowMs: number): void;
  [Symbol.dispose](): void;
}

/** What a directory listing says of a file. */
export interface StoredFile {
  readonly name: string;
  readonly byteLength: number;
  /** When it was written or last used, in milliseconds since 1970, by the clock of that process. */
  readonly usedMs: number;
}

/** How a file is put in place. */
export interface PutOptions {
  /** Looks at the complete file under its temporary path; what it throws keeps the file from its place. */
  readonly inspect?: (path: string) => void;
}

const TOUCH_AFTER_MS = 60_000;
// A link, a socket, another's file. Everything else, too many open files for instance, says nothing about the file.
const NOT_A_FILE_OF_OURS: ReadonlySet<string> = new Set(['ELOOP', 'ENXIO', 'EACCES', 'EPERM']);

/**
 * Files in one directory, each whole or absent: written beside their place, synchronised, renamed. They are never
 * changed in place, so that a reader may map them.
 */
export class FsStore {
  readonly directory: string;
  readonly #fs: FileSystem;
  readonly #user: Identity;

  constructor({ directory, fs, user }: { directory: string; fs: FileSystem; user: Identity }) {
    this.directory = directory;
    this.#fs = fs;
    this.#user = user;
  }

  /** Opens a file; undefined where there is none to be had now, a string where one stands that must not be trusted. */
  open(name: string): OpenFile | string | undefined {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = this.#fs.constants; // a pipe would block the open for ever
    let fd: number;
    try {
      fd = this.#fs.openSync(join(this.directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      return NOT_A_FILE_OF_OURS.has(code) ? `cannot be opened (${code})` : undefined;
    }
    try {
      const found = this.#fs.fstatSync(fd);
      const { uid } = this.#user;
      const foreign = uid !== undefined && (found.uid !== uid || (found.mode & 0o022) !== 0);
      if (found.isFile() && !foreign) return this.#opened(fd, found.size, found.mtimeMs);
      this.#fs.closeSync(fd);
      return foreign ? 'is not ours alone to write' : 'is no file';
    } catch (error) {
      this.#fs.closeSync(fd);
      return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    }
  }

  /** The whole content of a file that may be trusted; undefined where there is none. */
  readWhole(name: string): Uint8Array | undefined {
    const opened = this.open(name);
    if (opened === undefined || typeof opened === 'string') return undefined;
    using file = opened;
    return file.readStart(file.byteLength);
  }

  /** Writes a file whole. On failure its place is as before and nothing is left beside it. */
  async put(name: string, parts: readonly Uint8Array[], { inspect }: PutOptions = {}): Promise<void> {
    const { promises } = this.#fs;
    const temporary = join(this.directory, `${name}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      const file = await promises.open(temporary, 'wx', 0o600);
      try {
        for (const part of parts) await file.writeFile(part);
        await file.sync();
      } finally {
        await file.close();
      }
      inspect?.(temporary);
      await promises.rename(temporary, join(this.directory, name));
    } catch (error) {
      await promises.unlink(temporary).catch(() => undefined); // may never have been there
      throw error;
    }
    await this.#syncDirectory();
  }

  /** Removes a file. False where there was none, or where it resists. */
  remove(name: string): boolean {
    try {
      this.#fs.unlinkSync(join(this.directory, name));
      return true;
    } catch {
      return false;
    }
  }

  /** All files there are, in no order; none where the directory has vanished. */
  list(): readonly StoredFile[] {
    return this.#names().flatMap((name) => {
      try {
        const { size, mtimeMs } = this.#fs.lstatSync(join(this.directory, name));
        return [{ name, byteLength: size, usedMs: mtimeMs }];
      } catch {
        return []; // another process was quicker
      }
    });
  }

  #names(): readonly string[] {
    try {
      return this.#fs.readdirSync(this.directory);
    } catch {
      return [];
    }
  }

  #opened(fd: number, byteLength: number, usedMs: number): OpenFile {
    const fs = this.#fs;
    return {
      fd,
      byteLength,
      readStart: (wanted) => {
        const bytes = Buffer.alloc(wanted);
        return bytes.subarray(0, fs.readSync(fd, bytes, 0, wanted, 0));
      },
      touch: (nowMs) => {
        if (Math.abs(nowMs - usedMs) < TOUCH_AFTER_MS) return; // a clock that jumped back is corrected, too
        try {
          fs.futimesSync(fd, nowMs / 1000, nowMs / 1000);
        } catch {
          // On a read-only file system nobody evicts either.
        }
      },
      [Symbol.dispose]: () => fs.closeSync(fd),
    };
  }

  async #syncDirectory(): Promise<void> {
    const directory = await this.#fs.promises.open(this.directory, 'r');
    try {
      await directory.sync();
    } catch {
      // Some file systems cannot; the checksum finds what a power cut then leaves.
    } finally {
      await directory.close();
    }
  }
}
