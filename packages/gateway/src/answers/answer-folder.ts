import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.ts';

const NAME = 'lockgate-answers-';

/** What is younger may be of a gateway in another container, whose processes are not to be seen here. */
const OLD_MS = 24 * 3_600_000;

/** Leftovers that are looked at; the next gateway looks at more. */
const MOST = 100;

/**
 * A folder of this process's own, which only its user may enter, made when it is first asked for. What gateways that were killed have left beside it is removed
 * after a day; nobody can read it.
 */
export class AnswerFolder {
  readonly #parent: string | undefined;
  #path: Promise<string> | undefined;

  /** @param parent - Where to make it. @default the system's folder for temporary files */
  constructor(parent: string | undefined) {
    this.#parent = parent;
  }

  /** @throws the file system's error; the next attempt begins anew. */
  path(): Promise<string> {
    this.#path ??= this.#make().catch((error: unknown) => {
      this.#path = undefined;
      throw error;
    });
    return this.#path;
  }

  /** With all that is in it. Never rejects. */
  async remove(): Promise<void> {
    const path = await this.#path?.catch(() => undefined);
    if (path !== undefined) await rm(path, { recursive: true, force: true }).catch(() => {});
  }

  async #make(): Promise<string> {
    const parent = this.#parent ?? tmpdir();
    if (this.#parent !== undefined) makeFolder(this.#parent);
    const path = await mkdtemp(join(parent, `${NAME}${process.pid}-`));
    await sweep(parent, (await stat(path)).mtimeMs);
    return path;
  }
}

async function sweep(parent: string, nowMs: number): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(NAME)).slice(0, MOST)) {
    const other = join(parent, name);
    const found = await stat(other).catch(() => undefined);
    const isOwn = found?.uid === process.getuid?.();
    const isOld = found !== undefined && nowMs - found.mtimeMs > OLD_MS;
    if (isOwn && isOld && !isRunning(Number(name.slice(NAME.length).split('-')[0]))) {
      await rm(other, { recursive: true, force: true }).catch(() => {});
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
