import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasDefaultName } from './admin-socket-path.ts';
import { isAnswered } from './is-answered.ts';

/** So many are looked at; the next gateway looks at more. */
const MOST = 100;

/** What is younger may be of a gateway that begins to listen. */
const OLD_MS = 60_000;

/** Removes the sockets beside this one, which was just made, that killed gateways of other configurations have left. Never rejects. */
export async function sweepSockets(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const own = await stat(path).catch(() => undefined);
  for (const name of names.filter(hasDefaultName).slice(0, MOST)) {
    const other = join(folder, name);
    const found = await stat(other).catch(() => undefined);
    if (!own || !found?.isSocket() || own.mtimeMs - found.mtimeMs < OLD_MS) continue;
    if (!(await isAnswered(other))) await rm(other, { force: true }).catch(() => {});
  }
}
