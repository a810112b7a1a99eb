import { stat } from 'node:fs/promises';
import { readModule } from '@lockgate/runtime';

/** What stands where a module should be is neither a file nor a directory: a pipe, a socket or a device. */
export class NotAFileError extends Error {
  override readonly name = 'NotAFileError';
}

/**
 * Reads a file without waiting for anybody: opening a named pipe would wait for its writer, for ever, and no signal ends that.
 *
 * @throws NotAFileError, and errors of the file system.
 */
export async function readRegularFile(path: string, signal: AbortSignal): Promise<Uint8Array> {
  const stats = await stat(path);
  if (!stats.isFile() && !stats.isDirectory()) throw new NotAFileError('it is a pipe or a device, not a file');
  return readModule(path, signal);
}
