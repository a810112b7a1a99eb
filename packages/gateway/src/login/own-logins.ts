import { silentLogger } from '../logger.ts';
import { createMemoryStore } from '../state/memory-store.ts';
import { Logins } from './logins.ts';
import { openVault, type VaultPlace } from './open-vault.ts';

/**
 * Logins of a command that serves nobody: those that the vault keeps, and those that it makes itself.
 *
 * @param now - Milliseconds since 1970.
 */
export function openOwnLogins(vault: VaultPlace, now: () => number): Logins {
  return new Logins({
    store: createMemoryStore({ now: () => performance.now() }),
    openVault: () => openVault(vault, now),
    isGuarded: () => false, // nobody calls
    subjectToken: () => undefined,
    now,
    logger: silentLogger,
    flag: vault.flag ?? '',
  });
}
