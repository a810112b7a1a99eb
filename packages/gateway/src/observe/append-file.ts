import { close, constants, fstat, open, type Stats, write } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../make-folder.ts';
import type { LineSink } from './line-writer.ts';

const openAsync = promisify(open);
const writeAsync = promisify(write);
const closeAsync = promisify(close);
const fstatAsync: (descriptor: number) => Promise<Stats> = promisify(fstat);

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
/** As `a`, but a pipe that nobody reads is an error at once: opening it would be waited for without end. */
const APPEND = O_APPEND | O_CREAT | O_WRONLY | (O_NONBLOCK ?? 0);

/** Writes the bytes from an offset on, as many as go at once. */
type WriteBytes = (descriptor: number, bytes: Buffer, at: number) => Promise<{ readonly bytesWritten: number }>;

/** When a file is put aside, and how many of those are kept. */
export interface Rotation {
  /** Largest file, in bytes; lines that are written together stay together. */
  readonly maxBytes: number;
  /** Files kept beside the one that is written: `<path>.1` is the newest. */
  readonly keep: number;
}

export interface AppendFileOptions {
  readonly path: string;
  /** @default the file grows without end */
  readonly rotation?: Rotation | undefined;
  readonly write?: WriteBytes;
}

interface OpenFile {
  readonly descriptor: number;
  readonly inode: number;
  byteLength: number;
}

/**
 * A file that lines are appended to, readable by its owner only. Every append opens it if that has not succeeded
 * before, so that a disk or folder that comes back is used again. Once it is large enough it is renamed and begun anew; one that cannot be
 * renamed is written on.
 */
export class AppendFile implements LineSink {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #write: WriteBytes;
  #opening: Promise<OpenFile> | undefined;
  /** Whether the last append ended within a line. */
  #torn = false;

  constructor({
    path,
    rotation = { maxBytes: Number.POSITIVE_INFINITY, keep: 0 },
    write = writeAsync,
  }: AppendFileOptions) {
    this.#path = path;
    this.#rotation = rotation;
    this.#write = write;
  }

  async open(): Promise<void> {
    await this.#file();
  }

  /** @throws the file system's error; a part of the lines may have been written then. */
  async append(lines: string): Promise<void> {
    const bytes = Buffer.from(this.#torn ? `\n${lines}` : lines);
    const file = await this.#fileFor(bytes.length);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#write(file.descriptor, bytes, at);
      at += bytesWritten;
      file.byteLength += bytesWritten;
      this.#torn = at < bytes.length;
    }
  }

  /** What is under the path now is written from here on: somebody has moved the file away. */
  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    this.#torn = false;
    if (opening !== undefined) await closeAsync((await opening).descriptor);
  }

  async #fileFor(byteLength: number): Promise<OpenFile> {
    const file = await this.#file();
    const { maxBytes } = this.#rotation;
    if (file.byteLength === 0 || file.byteLength + byteLength <= maxBytes) return file;
    try {
      await this.#putAside(file);
    } catch {
      file.byteLength = 0; // tried again when as much has been written once more
      return file;
    }
    await this.close();
    return this.#file();
  }

  /** Makes room under the path, unless somebody else has: another gateway may write to the same file. */
  async #putAside({ inode }: OpenFile): Promise<void> {
    const found = await stat(this.#path).catch(() => undefined);
    if (found?.ino !== inode) return;
    const { keep } = this.#rotation;
    if (keep === 0) return rm(this.#path);
    for (let number = keep - 1; number >= 1; number--) {
      await rename(`${this.#path}.${number}`, `${this.#path}.${number + 1}`).catch(ignoreMissing);
    }
    await rename(this.#path, `${this.#path}.1`);
  }

  #file(): Promise<OpenFile> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<OpenFile> {
    makeFolder(dirname(this.#path));
    const descriptor = await openAsync(this.#path, APPEND, 0o600);
    const { ino, size } = await fstatAsync(descriptor);
    return { descriptor, inode: ino, byteLength: size };
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
