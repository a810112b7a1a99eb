import { close, open, write } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { makeFolder } from '../make-folder.ts';
import type { LineSink } from './line-writer.ts';

const openAsync = promisify(open);
const writeAsync = promisify(write);
const closeAsync = promisify(close);

/** Writes the bytes from an offset on, as many as go at once. */
type WriteBytes = (descriptor: number, bytes: Buffer, at: number) => Promise<{ readonly bytesWritten: number }>;

/**
 * A file that lines are appended to, readable by its owner only. Every append opens it if that has not succeeded
 * before, so that a disk or folder that comes back is used again.
 */
export class AppendFile implements LineSink {
  readonly #path: string;
  readonly #write: WriteBytes;
  #opening: Promise<number> | undefined;
  /** Whether the last append ended within a line. */
  #torn = false;

  constructor(path: string, write: WriteBytes = writeAsync) {
    this.#path = path;
    this.#write = write;
  }

  async open(): Promise<void> {
    await this.#descriptor();
  }

  /** @throws the file system's error; a part of the lines may have been written then. */
  async append(lines: string): Promise<void> {
    const descriptor = await this.#descriptor();
    const bytes = Buffer.from(this.#torn ? `\n${lines}` : lines);
    for (let at = 0; at < bytes.length; ) {
      at += (await this.#write(descriptor, bytes, at)).bytesWritten;
      this.#torn = at < bytes.length;
    }
  }

  async close(): Promise<void> {
    if (this.#opening !== undefined) await closeAsync(await this.#opening);
  }

  #descriptor(): Promise<number> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<number> {
    makeFolder(dirname(this.#path));
    return openAsync(this.#path, 'a', 0o600);
  }
}
