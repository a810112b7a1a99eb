import { readFile, stat } from 'node:fs/promises';
import type { VaultSection } from '../config/gateway-section.ts';
import { FolderVault } from './folder-vault.ts';
import { type KeyRing, readKeyRing } from './key-ring.ts';
import { MemoryVault } from './memory-vault.ts';
import type { Vault } from './vault.ts';
import { VaultError } from './vault-error.ts';

/**
 * The vault of a configuration: a folder where there is a key, else memory.
 *
 * @param now - Milliseconds since 1970, as files have them.
 * @throws GATEWAY_VAULT where there is a key that cannot be used: nothing is kept in the open then, nor lost by the way.
 */
export async function openVault(section: VaultSection, now: () => number): Promise<Vault> {
  const folder = await openFolderVault(section, now);
  return folder ?? new MemoryVault();
}

/** The vault that outlives the process; undefined where there is no key. @throws GATEWAY_VAULT where it cannot be used. */
export async function openFolderVault(
  { dir, key, keyFile }: VaultSection,
  now: () => number,
): Promise<FolderVault | undefined> {
  if (dir === undefined) return undefined;
  if (key !== undefined) {
    const ring = readKeyRing(key, '"gateway.vault.key"');
    return new FolderVault({ dir, keys: async () => ring, now });
  }
  if (keyFile === undefined || !(await readKeys(keyFile))) return undefined;
  const keys = async (): Promise<KeyRing> => {
    const ring = await readKeys(keyFile);
    if (!ring)
      throw new VaultError(
        `The file of the vault's keys has gone: ${keyFile}. Put it back; without it no login can be used.`,
      );
    return ring;
  };
  return new FolderVault({ dir, keys, now });
}

/** The keys of a file; undefined where there is none. @throws GATEWAY_VAULT */
async function readKeys(path: string): Promise<KeyRing | undefined> {
  try {
    const [text, { mode, uid }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    // What a container is given by its host belongs to root, and its mode says nothing.
    const isOwn = process.platform !== 'win32' && uid !== 0 && uid === process.getuid?.();
    if (isOwn && (mode & 0o077) !== 0) {
      throw new VaultError(`Others than its owner can read the vault's keys: chmod 600 ${path}`);
    }
    return readKeyRing(text, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (error instanceof VaultError) throw error;
    throw new VaultError(`The vault's keys cannot be read (${code}): ${path}`, { cause: error });
  }
}
