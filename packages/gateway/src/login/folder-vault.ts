import { createHash, randomUUID } from 'node:crypto';
import { open as openFile, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { parseJson } from '../json.ts';
import { makeFolder } from '../make-folder.ts';
import type { RecordKey, RecordKind } from '../state/records.ts';
import type { KeyRing } from './key-ring.ts';
import { OneByOne } from './one-by-one.ts';
import { open, seal } from './sealing.ts';
import { type Vault, type VaultSlot, vaultName } from './vault.ts';
import { ClosedVaultError, SpoiltRecordError, VaultError } from './vault-error.ts';
import { underLock } from './vault-lock.ts';

export interface FolderVaultOptions {
  readonly dir: string;
  /** The keys of now; asked before each use, since they may be rotated meanwhile. */
  readonly keys: () => Promise<KeyRing>;
  /** Milliseconds since 1970, as files have them. */
  readonly now: () => number;
  /** A record is not what was kept there, and counts as none; said once of each file. @default said to nobody */
  readonly onSpoilt?: (path: string, reason: string) => void;
}

/** How many records were sealed anew, and how many cannot be opened. */
export interface Resealed {
  readonly sealed: number;
  readonly unreadable: number;
}

const sealed = z.object({ keyId: z.string(), nonce: z.string(), tag: z.string(), data: z.string() });

/** What other versions write: it is theirs, and stays. */
const ofOtherVersion = z.looseObject({ version: z.number().min(2) });

/** A file of the vault. Whose record it is stands in it in the open, for lists; it opens under the name it is asked for alone. */
const kept = z.looseObject({ version: z.literal(1), record: z.array(z.string()).min(1), sealed });

const RECORD = /^[0-9a-f]{64}\.json$/;

/**
 * Keeps logins in a folder of the gateway's own user: a file of mode 0600 for each, sealed, written beside itself and renamed, so that a process may
 * end at any moment. Several processes may use one folder.
 */
export class FolderVault implements Vault {
  readonly isDurable = true;
  readonly #options: FolderVaultOptions;
  readonly #oneByOne = new OneByOne();
  readonly #spoilt = new Set<string>();

  constructor(options: FolderVaultOptions) {
    this.#options = options;
  }

  /** The keys of now. */
  ring(): Promise<KeyRing> {
    return this.#options.keys();
  }

  async get<T>(kind: RecordKind<T>, key: RecordKey): Promise<T | undefined> {
    const name = vaultName(kind, key);
    const path = this.#pathOf(name);
    try {
      const file = await this.#read(path);
      if (!file) return undefined;
      return kind.parse(parseJson(open(file.sealed, name, await this.#options.keys())));
    } catch (error) {
      // Where it stood in the way, nobody could log in again.
      if (!(error instanceof SpoiltRecordError)) throw error;
      if (!this.#spoilt.has(path)) this.#options.onSpoilt?.(path, error.message);
      this.#spoilt.add(path);
      return undefined;
    }
  }

  exclusive<T, R>(kind: RecordKind<T>, key: RecordKey, work: (slot: VaultSlot<T>) => Promise<R>): Promise<R> {
    const name = vaultName(kind, key);
    const slot: VaultSlot<T> = {
      read: () => this.get(kind, key),
      write: (value) => this.#write(name, [kind.prefix, ...key], JSON.stringify(value)),
      delete: () => rm(this.#pathOf(name), { force: true }),
    };
    return this.#alone(name, () => work(slot));
  }

  async keys({ prefix }: RecordKind<unknown>): Promise<readonly RecordKey[]> {
    return (await this.records()).flatMap(([kind, ...key]) => (kind === prefix ? [key] : []));
  }

  /** Kind and key of all that is kept, as far as it can be read. */
  async records(): Promise<readonly (readonly string[])[]> {
    const all = await Promise.all((await this.#files()).map((path) => this.#read(path).catch(() => undefined)));
    return all.flatMap((file) => (file ? [file.record] : []));
  }

  /**
   * Seals every record anew with the first key. Answers how many were, and how many cannot be opened.
   *
   * @throws GATEWAY_VAULT when another process has one for too long.
   */
  async reseal(): Promise<Resealed> {
    const count = { sealed: 0, unreadable: 0 };
    for (const path of await this.#files()) {
      const record = await this.#read(path).then(
        (file) => file?.record,
        () => undefined,
      );
      if (!record) {
        count.unreadable++;
        continue;
      }
      const name = JSON.stringify(record);
      await this.#alone(name, async () => {
        try {
          const file = await this.#read(path);
          if (!file || path !== this.#pathOf(name)) throw new VaultError('It is not the record that it says it is.');
          await this.#write(name, record, open(file.sealed, name, await this.#options.keys()));
          count.sealed++;
        } catch (error) {
          if (!(error instanceof VaultError)) throw error;
          count.unreadable++;
        }
      });
    }
    return count;
  }

  #alone<R>(name: string, work: () => Promise<R>): Promise<R> {
    return this.#oneByOne.take(name, async () => {
      makeFolder(this.#options.dir);
      return underLock(`${this.#pathOf(name)}.lock`, this.#options.now, work);
    });
  }

  #files(): Promise<readonly string[]> {
    return recordsIn(this.#options.dir);
  }

  async #read(path: string): Promise<z.infer<typeof kept> | undefined> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new VaultError(`A file of the vault cannot be read (${code}): ${path}`, { cause: error });
    }
    const content = parseJson(text);
    const { success, data } = kept.safeParse(content);
    if (success) return data;
    if (ofOtherVersion.safeParse(content).success)
      throw new VaultError(`A file of the vault is of another version: ${path}. Move it away, and log in again.`);
    throw new SpoiltRecordError('What is kept there is no login, or only a part of one. It is not used; log in again.');
  }

  async #write(name: string, record: readonly string[], text: string): Promise<void> {
    const path = this.#pathOf(name);
    const temporary = `${path}.${randomUUID()}`;
    const body = JSON.stringify({ version: 1, record, sealed: seal(text, name, await this.#options.keys()) });
    try {
      const file = await openFile(temporary, 'wx', 0o600);
      try {
        await file.writeFile(body);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      const { code } = error as NodeJS.ErrnoException;
      throw new VaultError(`A login cannot be kept (${code}): ${path}`, { cause: error });
    }
  }

  #pathOf(name: string): string {
    return join(this.#options.dir, `${createHash('sha256').update(name).digest('hex')}.json`);
  }
}

/** Whether anything is kept in a folder. @throws GATEWAY_VAULT where it cannot be read. */
export async function holdsRecords(dir: string): Promise<boolean> {
  return (await recordsIn(dir)).length > 0;
}

async function recordsIn(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    const problem = `The folder of logins cannot be read (${error.code}): ${dir}`;
    throw new ClosedVaultError({ problem, remedy: 'correct "gateway.vault.dir", or what may read it' });
  });
  return names.filter((name) => RECORD.test(name)).map((name) => join(dir, name));
}
