import type { VaultSection } from '../config/gateway-section.ts';
import { OpenKeyFileError, readKeyFile } from '../key-file.ts';
import type { StateStore } from '../state/state-store.ts';
import { FolderVault, type FolderVaultOptions, holdsRecords } from './folder-vault.ts';
import { type KeyRing, readKeyRing } from './key-ring.ts';
import { MemoryVault } from './memory-vault.ts';
import { SharedVault } from './shared-vault.ts';
import type { Vault } from './vault.ts';
import { ClosedVaultError, VaultError } from './vault-error.ts';

/** Where logins are kept, and how people name its configuration. */
export interface VaultPlace extends VaultSection {
  /** What makes a command of lockgate mean this configuration, with a space before it. @default nothing */
  readonly flag?: string;
}

type OnSpoilt = FolderVaultOptions['onSpoilt'];

/**
 * The vault of a configuration: a folder where there is a key, together with the state store where gateways share one; else memory.
 *
 * @param now - Milliseconds since 1970, as files have them.
 * @param store - Where others find what is kept, if it is shared.
 * @throws GATEWAY_VAULT where there is a key that cannot be used, or logins whose key has gone: nothing is kept in the open then, nor lost by the way.
 */
export async function openVault(
  section: VaultPlace,
  now: () => number,
  onSpoilt?: OnSpoilt,
  store?: StateStore,
): Promise<Vault> {
  const folder = await openFolderVault(section, now, onSpoilt);
  if (!folder) return new MemoryVault();
  return store?.isShared ? new SharedVault({ folder, store, now }) : folder;
}

/** The vault that outlives the process; undefined where there is no key. @throws GATEWAY_VAULT where it cannot be used. */
export async function openFolderVault(
  { dir, key, keyFile, flag }: VaultPlace,
  now: () => number,
  onSpoilt?: OnSpoilt,
): Promise<FolderVault | undefined> {
  if (dir === undefined) return undefined;
  const options = { dir, now, ...(onSpoilt && { onSpoilt }) };
  if (key !== undefined) {
    const ring = readKeyRing(key, '"gateway.vault.key"', flag);
    return new FolderVault({ ...options, keys: async () => ring });
  }
  if (keyFile === undefined) return undefined;
  if (!(await readKeys(keyFile, flag))) {
    if (!(await holdsRecords(dir))) return undefined;
    const problem = `Logins are kept in ${dir}, and the file of their keys is not there: ${keyFile}`;
    throw new ClosedVaultError({ problem, remedy: 'put it back, or remove the folder and log in again' });
  }
  const keys = async (): Promise<KeyRing> => {
    const ring = await readKeys(keyFile, flag);
    if (ring) return ring;
    const problem = `The file of the vault's keys has gone: ${keyFile}`;
    throw new ClosedVaultError({ problem, remedy: 'put it back; without it no login can be used' });
  };
  return new FolderVault({ ...options, keys });
}

/** The keys of a file; undefined where there is none. @throws GATEWAY_VAULT */
async function readKeys(path: string, flag?: string): Promise<KeyRing | undefined> {
  try {
    return readKeyRing((await readKeyFile(path)).text, path, flag);
  } catch (error) {
    if (error instanceof OpenKeyFileError)
      throw new ClosedVaultError({
        problem: "Others than its owner can read the vault's keys",
        remedy: `chmod 600 ${path}`,
      });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (error instanceof VaultError) throw error;
    const problem = `The vault's keys cannot be read (${code}): ${path}`;
    throw new ClosedVaultError({ problem, remedy: 'correct "gateway.vault.keyFile"' }, { cause: error });
  }
}
