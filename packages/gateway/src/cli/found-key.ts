import type { FoundEntry } from '../clients/client.ts';
import type { ReadFile } from '../clients/read-client-file.ts';

/** How an entry is called where several are chosen from. */
export function keyOf({ name, project }: FoundEntry, file: ReadFile): string {
  return JSON.stringify([file.path, project ?? '', name]);
}
