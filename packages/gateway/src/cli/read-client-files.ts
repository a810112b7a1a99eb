import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LockgateError } from '@lockgate/abi/without-guests';
import type { Client } from '../clients/client.ts';
import { CLIENTS } from '../clients/clients.ts';
import { type ReadFile, readClientFile } from '../clients/read-client-file.ts';
import { isReadableAtAnyTime, readTextFile, waitsForOthers } from '../config/read-text-file.ts';
import { whyUnreadable } from '../config/why-unreadable.ts';
import { machineOf } from './machine.ts';
import { switchOffMissing } from './missing-modules.ts';
import type { Terminal } from './terminal.ts';

/** Files of clients, and why some of them could not be read, one line each. */
export interface ReadFiles {
  readonly files: readonly ReadFile[];
  readonly problems: readonly string[];
}

/** Reads files that somebody has named. */
export async function readClientFiles(
  paths: readonly string[],
  from: Client | undefined,
  terminal: Terminal,
): Promise<ReadFiles> {
  const { home } = machineOf(terminal);
  return collect([...new Set(paths.map((path) => resolve(terminal.workingFolder, path)))], () => from, home);
}

/** Reads the files that the clients of this machine have. */
export async function discoverClientFiles(terminal: Terminal): Promise<ReadFiles> {
  const machine = machineOf(terminal);
  const owners = new Map<string, Client>();
  const seen = new Set<string>();
  for (const client of CLIENTS) {
    for (const place of client.places(machine)) {
      const path = resolve(place);
      const real = await realpath(path).catch(() => undefined);
      if (real === undefined || seen.has(real) || !(await isReadableAtAnyTime(real))) continue;
      seen.add(real);
      owners.set(path, client);
    }
  }
  const { files, problems } = await collect([...owners.keys()], (path) => owners.get(path), machine.home);
  return { files: files.filter(({ found }) => found.length > 0), problems };
}

async function collect(
  paths: readonly string[],
  ownerOf: (path: string) => Client | undefined,
  home: string,
): Promise<ReadFiles> {
  const files: ReadFile[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    try {
      if (await waitsForOthers(path)) {
        problems.push(`${path}: it is no file, and reading it might never end; name a file, or write <(command)`);
        continue;
      }
      const file = await readClientFile(path, await readTextFile(path), home, ownerOf(path));
      files.push({ ...file, found: await switchOffMissing(file.found) });
    } catch (error) {
      problems.push(LockgateError.isInstance(error) ? error.message : `${path}: ${whyUnreadable(error)}`);
    }
  }
  return { files, problems };
}
