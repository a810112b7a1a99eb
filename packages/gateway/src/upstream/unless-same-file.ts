import { stat } from 'node:fs/promises';
import { NotLoadedError } from '../errors.ts';

/**
 * Opens a guest; where its file is such that it cannot be loaded, it is opened again only once there is another file, and fails as before until
 * then.
 *
 * @param path - Its file. Without one, what could not be loaded never can.
 */
export function unlessSameFile<T>(path: string | undefined, open: () => Promise<T>): () => Promise<T> {
  let refused: { readonly stamp: string; readonly error: NotLoadedError } | undefined;
  return async () => {
    // Before it is read: what is written meanwhile is another file.
    const stamp = path === undefined ? '' : await stampOf(path);
    if (refused?.stamp === stamp) throw refused.error;
    try {
      return await open();
    } catch (error) {
      if (error instanceof NotLoadedError) refused = { stamp, error };
      throw error;
    }
  };
}

async function stampOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
