import { mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mustFitAddress } from '../console/admin-socket-path.ts';
import { isAnswered } from '../console/is-answered.ts';

/** Where processes that serve together, and the one that keeps them, can be asked by each other. */
export interface WorkerSockets {
  /** Of the one that keeps them. */
  readonly keeper: string;
  of(number: number): string;
  remove(): void;
}

const PREFIX = 'lockgate-workers-';

/** Sockets in a folder of their own, which nobody else may enter. */
export function workerSockets(platform: string = process.platform): WorkerSockets {
  if (platform === 'win32') {
    const of = (what: number | string): string => `\\\\.\\pipe\\lockgate-${process.pid}-${what}`;
    return { keeper: of('keeper'), of, remove: () => undefined };
  }
  const folder = mkdtempSync(join(folderOf(tmpdir()), PREFIX));
  return {
    keeper: join(folder, KEEPER),
    of: (number) => join(folder, `${number}.sock`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const KEEPER = 'keeper.sock';

/** Addresses of sockets are short, and folders for temporary files may not be. */
function folderOf(wanted: string): string {
  try {
    mustFitAddress(join(wanted, `${PREFIX}XXXXXX`, KEEPER));
    return wanted;
  } catch {
    return '/tmp';
  }
}

/**
 * Removes the folder of a gateway whose keeping process was killed, once nothing else is in it: the last of its processes that ends does. Never throws.
 *
 * @param socket - Of the one that ends.
 */
export function leaveSockets(socket: string): void {
  const folder = dirname(socket);
  if (process.platform === 'win32' || !folder.includes(PREFIX)) return;
  try {
    // The one that has gone listened there for all of them.
    for (const path of [socket, join(folder, KEEPER)]) rmSync(path, { force: true });
    rmdirSync(folder);
  } catch {
    // Another one has not ended yet, or has removed it.
  }
}

/** So many are looked at; the next start looks at more. */
const MOST = 100;

/**
 * Removes folders that killed gateways of this user have left: those with sockets at none of which anybody listens. One without sockets may be of a gateway that is
 * just starting. Never rejects.
 */
export async function sweepWorkerSockets(folder: string = folderOf(tmpdir())): Promise<void> {
  if (process.platform === 'win32') return;
  for (const name of namesIn(folder)
    .filter((one) => one.startsWith(PREFIX))
    .slice(0, MOST)) {
    const path = join(folder, name);
    const sockets = namesIn(path).filter((one) => one.endsWith('.sock'));
    const answered = await Promise.all(sockets.map((socket) => isAnswered(join(path, socket))));
    if (sockets.length === 0 || answered.includes(true)) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It is another user's.
    }
  }
}

/** None where it cannot be looked into. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
