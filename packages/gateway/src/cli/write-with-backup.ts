import { constants } from 'node:fs';
import { copyFile, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readTextFile } from '../config/read-text-file.ts';
import { encodeLike } from '../config/text-encoding.ts';
import { whyUnreadable } from '../config/why-unreadable.ts';
import { CommandFailure } from './exit-code.ts';

export interface WrittenFile {
  readonly path: string;
  /** Where the file as it was before is kept. */
  readonly backup?: string;
}

export interface WriteOptions {
  /** Keeps a copy of what was there before. @default true */
  readonly backup?: boolean;
  /** Of a new file. @default 0o600, since clients' files hold secrets */
  readonly mode?: number;
}

/**
 * Replaces a file in one step, so that a reader sees the old text or the new one, in the encoding that it had. A link stays a link; what it leads to is replaced.
 *
 * @param before - What the new text was made from; undefined where there was no file.
 * @throws CommandFailure when it cannot be written, or has changed meanwhile; then nothing is.
 */
export async function writeWithBackup(
  path: string,
  before: string | undefined,
  after: string,
  { backup = true, mode = 0o600 }: WriteOptions = {},
): Promise<WrittenFile> {
  try {
    if (before === undefined) await mkdir(dirname(path), { recursive: true });
    const real = before === undefined ? path : await realpath(path);
    const kept = before === undefined || !backup ? undefined : await keepCopy(real);
    const permissions = before === undefined ? mode : (await stat(real)).mode & 0o777;
    const bytes = before === undefined ? Buffer.from(after) : encodeLike(await readFile(real), after);
    await replace(real, bytes, permissions, () => refuseChanged(path, before));
    return kept === undefined ? { path } : { path, backup: kept };
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${path}: ${whyUnreadable(error, 'the file').replace(/^cannot read/, 'cannot write')}`);
  }
}

async function keepCopy(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const copy = `${path}.bak${number === 1 ? '' : number}`;
    try {
      await copyFile(path, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function replace(path: string, bytes: Buffer, mode: number, check: () => Promise<void>): Promise<void> {
  const fresh = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(fresh, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await check();
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

async function refuseChanged(path: string, before: string | undefined): Promise<void> {
  const now = await readTextFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (now !== before)
    throw new CommandFailure(`${path}: somebody has changed it meanwhile; nothing was written, try again`);
}
