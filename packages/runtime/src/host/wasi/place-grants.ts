import { stat } from 'node:fs/promises';
import { StorageError } from '../../errors.ts';
import type { PlacedGrant, StorageGrant } from '../../options.ts';
import { OpenFolder } from './open-folder.ts';

/** Where the directories of grants were when a guest was first loaded with them. */
const places = new WeakMap<StorageGrant, string>();

/**
 * Finds the directories that a guest may use, those of a grant that was used before where they were then: a guest that is loaded again gets no
 * other directory because somebody has put a link in its way.
 *
 * @throws RUNTIME_STORAGE for what is no directory that is there
 */
export async function placeGrants(module: string, grants: readonly StorageGrant[]): Promise<readonly PlacedGrant[]> {
  const placed: PlacedGrant[] = [];
  for (const grant of grants) {
    const { path, writable } = grant;
    const found = await stat(places.get(grant) ?? path).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error) throw new StorageError({ module, path, problem: 'is not there' }, { cause: found });
    if (!found.isDirectory()) throw new StorageError({ module, path, problem: 'is no directory' });
    const place = places.get(grant) ?? OpenFolder.placeOf(path);
    if (OpenFolder.placeOf(place) !== place)
      throw new StorageError({ module, path, problem: `has become a link since it was granted` });
    places.set(grant, place);
    placed.push({ path, writable, place });
  }
  return placed;
}
