import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { parseJson } from '../json.ts';
import { VaultError } from './vault-error.ts';

/** Longer than whoever has a lock may work: two requests of 15 seconds, and some files. */
const STALE_MS = 60_000;

/** How long somebody waits for it. */
const PATIENCE_MS = 45_000;

const PAUSE_MS = 20;

/**
 * Does something while no other process does it: a file says who has the turn. One whose process has ended, or that is as old as no work takes, is
 * taken away.
 *
 * @param now - Milliseconds since 1970, as files have them.
 * @throws GATEWAY_VAULT when others have it for 45 seconds.
 */
export async function underLock<R>(path: string, now: () => number, work: () => Promise<R>): Promise<R> {
  const own = JSON.stringify({ process: process.pid, host: hostname(), turn: randomUUID() });
  const until = now() + PATIENCE_MS;
  while (!(await create(path, own))) {
    await breakStale(path, now);
    if (now() > until)
      throw new VaultError(`Another process has had ${path} for ${PATIENCE_MS / 1_000} seconds; try later.`);
    await pause();
  }
  try {
    return await work();
  } finally {
    // Only what is still one's own: it may have been taken for stale.
    if ((await textOf(path)) === own) await rm(path, { force: true });
  }
}

async function create(path: string, text: string): Promise<boolean> {
  // The whole of it appears at once: an empty file would be nobody's.
  const temporary = `${path}.${randomUUID()}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function breakStale(path: string, now: () => number): Promise<void> {
  const seen = await textOf(path);
  const age = await stat(path).then(
    ({ mtimeMs }) => now() - mtimeMs,
    () => 0,
  );
  if (seen === undefined || !(age > STALE_MS || hasEnded(seen))) return;
  const aside = `${path}.${randomUUID()}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  // Somebody was quicker, and what was moved is the lock of now: it goes back.
  if ((await textOf(aside)) !== seen) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Whether it is of a process of this machine that is no more. */
function hasEnded(text: string): boolean {
  const holder = parseJson(text) as { process?: unknown; host?: unknown } | undefined;
  if (typeof holder?.process !== 'number' || holder.host !== hostname()) return false;
  try {
    process.kill(holder.process, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function pause(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, PAUSE_MS);
  return promise;
}
