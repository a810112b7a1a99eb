import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { formatPlace } from '../config/place.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { readGrants, type StorageGrant } from '../config/storage-grant.ts';
import { sentenceOf } from '../diagnosis.ts';

interface Granting {
  readonly disabled?: boolean | undefined;
  readonly storage?: readonly string[] | undefined;
}

/** What of the directories that guests may use is not as it has to be on this machine, a sentence for each; they may well be there where the configuration is served. */
export async function storageProblems({ plugins, guards, mcpServers }: GatewayConfig): Promise<readonly string[]> {
  const sections: Readonly<Record<string, Readonly<Record<string, Granting>>>> = { plugins, guards, mcpServers };
  const grants = Object.entries(sections).flatMap(([section, entries]) =>
    Object.entries(entries).flatMap(([name, { disabled, storage = [] }]) =>
      disabled === true
        ? []
        : storage.flatMap((text, index) =>
            readGrants([text]).storage.map((grant) => ({ place: [section, name, 'storage', index], grant })),
          ),
    ),
  );
  const found = await Promise.all(
    grants.map(async ({ place, grant }) => {
      const problem = await problemOf(grant);
      return problem === undefined ? [] : [`${formatPlace(place)}: ${problem}`];
    }),
  );
  return found.flat();
}

async function problemOf({ path, writable }: StorageGrant): Promise<string | undefined> {
  const existing = await stat(path).catch(() => undefined);
  if (existing === undefined)
    return sentenceOf({
      problem: `the directory ${path} is not there`,
      remedy: 'make it where this is served, or correct it',
    });
  if (!existing.isDirectory())
    return sentenceOf({ problem: `${path} is no directory`, remedy: 'grant the one that it is in' });
  const how = constants.R_OK | constants.X_OK | (writable ? constants.W_OK : 0);
  const may = await access(path, how).then(
    () => true,
    () => false,
  );
  if (may) return undefined;
  const use = writable ? 'read and written' : 'read';
  return sentenceOf({
    problem: `${path} cannot be ${use} by this user`,
    remedy: 'give the user that serves it the right to',
  });
}
