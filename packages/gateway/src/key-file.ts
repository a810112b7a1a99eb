import { readFile, stat } from 'node:fs/promises';

/** A file of keys that others than its owner can read or write. */
export class OpenKeyFileError extends Error {
  override readonly name = 'OpenKeyFileError';
}

export interface KeyFile {
  readonly text: string;
  /** It belongs to root, and everybody can read it. */
  readonly isOpen: boolean;
}

/**
 * A file of keys. What a container is given by its host belongs to root, and its mode is somebody else's choice: that is told and not refused.
 *
 * @throws OpenKeyFileError where it is this process's own and others have a right to it; errors of the file system.
 */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const [text, { mode, uid }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
  if (process.platform === 'win32') return { text, isOpen: false };
  const isOwn = uid !== 0 && uid === process.getuid?.();
  if (isOwn && (mode & 0o077) !== 0) throw new OpenKeyFileError(`others can use ${path}`);
  return { text, isOpen: (mode & 0o004) !== 0 };
}
