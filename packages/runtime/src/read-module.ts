import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Engines take no larger module, and each is read as a whole. */
const MOST_BYTES = 256 * 1024 * 1024;

/** What stands in the way of reading, by the system's code, with what to do about it. */
const PROBLEMS: Readonly<Partial<Record<string, string>>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is no directory',
  ENAMETOOLONG: 'its path is longer than the system takes',
  EISDIR: 'it is a folder; name a file in it',
  ELOOP: 'its links lead in a circle; name the file itself',
  EACCES: 'access is denied; let the user who runs this read it',
  EPERM: 'access is denied; let the user who runs this read it',
  ENXIO: 'it is a socket or a device, not a file',
};

/** What stands where a module should be cannot be read, or is too long. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  /** Why, without the path. */
  readonly problem: string;
  /** The system's, where it is the system that refuses. */
  readonly code: string | undefined;

  constructor(path: string | URL, problem: string, options?: ErrorOptions & { readonly code?: string }) {
    super(`cannot read ${path}: ${problem}`, options);
    this.problem = problem;
    this.code = options?.code;
  }
}

/** Opening a named pipe would wait for its writer, for ever, and no signal ends that. Windows has neither. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The bytes of a file, in one read and without waiting for anybody: `readFile` asks for half a megabyte at a time, which takes three times as
 * long for what modules have.
 *
 * @throws UnreadableFileError, other errors of the file system, the signal's reason
 */
export async function readModule(path: string | URL, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  await using file = await opened(path);
  const stats = await file.stat();
  if (stats.isDirectory()) throw refusalOf(path, Object.assign(new Error('it is a folder'), { code: 'EISDIR' }));
  if (!stats.isFile()) throw new UnreadableFileError(path, 'it is a pipe or a device, not a file');
  const { size } = stats;
  if (size > MOST_BYTES) {
    const problem = `it has ${size} bytes, and a module has at most ${MOST_BYTES}; check that it is the right file`;
    throw new UnreadableFileError(path, problem);
  }
  const bytes = new Uint8Array(size);
  const { bytesRead } = size === 0 ? { bytesRead: 0 } : await file.read(bytes, 0, size, 0);
  // Some files do not say how long they are; one that is being written may be longer or shorter by now.
  // Awaited here, since the file is closed on the way out.
  if (bytesRead !== size || size === 0) return await file.readFile({ ...(signal && { signal }) });
  signal?.throwIfAborted();
  return bytes;
}

async function opened(path: string | URL): Promise<FileHandle> {
  try {
    return await open(path, WITHOUT_WAITING);
  } catch (error) {
    throw refusalOf(path, error as NodeJS.ErrnoException);
  }
}

/** An error of the system in words, where there are any. */
function refusalOf(path: string | URL, error: NodeJS.ErrnoException): Error {
  const { code = '' } = error;
  const problem = PROBLEMS[code];
  return problem === undefined ? error : new UnreadableFileError(path, problem, { code, cause: error });
}
