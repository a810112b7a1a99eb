import type { Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { FileSystem } from './file-system.ts';

/** Who runs this process; absent where the system has no user ids. */
export interface Identity {
  readonly uid: number | undefined;
}

const CACHEDIR_TAG =
  'Signature: 8a477f597d28d172789f06886806bc55\n' +
  '# This directory holds compiled WebAssembly, made again whenever it is missing.\n' +
  '# For information about cache directory tags see https://bford.info/cachedir/\n';

/** This process's user, whose directory and entries are the only ones to be trusted. */
export function thisUser(): Identity {
  return { uid: process.geteuid?.() };
}

/**
 * Makes a directory ready for machine code, with mode 0700 where it is missing. Answers in plain words why it cannot be
 * trusted or used, if so. Never throws.
 */
export function prepareDirectory(path: string, fs: FileSystem, user: Identity): string | undefined {
  const directory = resolve(path);
  try {
    let found = fs.lstatSync(directory, { throwIfNoEntry: false });
    if (found === undefined) {
      makeWithParents(directory, fs);
      found = fs.lstatSync(directory);
    }
    const distrust = reasonNotToTrust(directory, found, user) ?? reasonNotToTrustPath(directory, fs, user);
    if (distrust !== undefined) return distrust;
    fs.accessSync(directory, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    return inPlainWords(directory, error);
  }
  tag(directory, fs);
  return undefined;
}

// Level by level: below /proc Node's own `recursive` tries for ever, since there a new name is ENOENT.
function makeWithParents(directory: string, fs: FileSystem): void {
  const parent = dirname(directory);
  if (parent !== directory && !fs.existsSync(parent)) makeWithParents(parent, fs);
  try {
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was quicker
  }
}

function reasonNotToTrust(directory: string, found: Stats, { uid }: Identity): string | undefined {
  if (found.isSymbolicLink()) return `${directory} is a symbolic link, and where it leads can change`;
  if (!found.isDirectory()) return `${directory} is not a directory`;
  if (uid !== undefined && found.uid !== uid) return `${directory} belongs to user ${found.uid}, not to user ${uid}`;
  // Without users the modes mean nothing: Windows shows every folder as writable by all.
  if (uid !== undefined && (found.mode & 0o022) !== 0) {
    const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
    return `${directory} is writable by others (mode ${mode}); chmod it to 0700`;
  }
  return undefined;
}

/**
 * Whoever may write to a folder above can put another directory in this one's place, unless the folder is sticky as /tmp is. Both ways to it are looked
 * at: as it was written, since a link on it may be replaced, and as it is.
 */
function reasonNotToTrustPath(directory: string, fs: FileSystem, { uid }: Identity): string | undefined {
  if (uid === undefined) return undefined; // no users, and modes that mean nothing
  for (const folder of new Set([...foldersAbove(directory), ...foldersAbove(fs.realpathSync(directory))])) {
    const { mode } = fs.statSync(folder);
    if ((mode & 0o002) === 0 || (mode & 0o1000) !== 0) continue;
    const shown = (mode & 0o7777).toString(8).padStart(4, '0');
    return `${folder}, above ${directory}, is writable by everyone (mode ${shown}), who may replace what is in it; chmod it to 0755 or 1777`;
  }
  return undefined;
}

function* foldersAbove(path: string): Generator<string> {
  for (let folder = dirname(path); folder !== path; [path, folder] = [folder, dirname(folder)]) yield folder;
}

function inPlainWords(directory: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `${directory} is not writable for this user`;
    case 'EROFS':
      return `${directory} is on a read-only file system`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${directory} is not a directory: something on its path is a file`;
    case 'ENOENT':
      return `${directory} cannot be made: its file system takes no new names`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `${directory} cannot be made in ${dirname(directory)}: no space is left`;
    default:
      return `${directory} cannot be used: ${message}`;
  }
}

function tag(directory: string, fs: FileSystem): void {
  const file = join(directory, 'CACHEDIR.TAG');
  try {
    if (!fs.existsSync(file)) fs.writeFileSync(file, CACHEDIR_TAG, { flag: 'wx', mode: 0o600 });
  } catch {
    // Backup programs miss a hint; the cache works without it.
  }
}
