import { randomUUID } from 'node:crypto';
import type { LeaseRecord } from '../state/lease-record.ts';
import type { RecordKey, Records } from '../state/records.ts';
import { VaultError } from './vault-error.ts';

/** Longer than whoever has a lease may work: two requests of 15 seconds, and a few questions to the store. A gateway that was killed keeps others waiting no longer. */
export const LEASE_MS = 40_000;

/** How long somebody waits for it. */
const PATIENCE_MS = 45_000;

const PAUSE_MS = 25;

/**
 * Does something while no other gateway that shares the state store does it.
 *
 * @throws GATEWAY_VAULT when others have it for 45 seconds; GATEWAY_STATE where the store cannot be asked, and nothing is done then.
 */
export async function underLease<R>(leases: Records<LeaseRecord>, key: RecordKey, work: () => Promise<R>): Promise<R> {
  const turn = randomUUID();
  const since = performance.now();
  while (!(await leases.create(key, { turn }, LEASE_MS))) {
    if (performance.now() - since > PATIENCE_MS)
      throw new VaultError(`Another gateway has had a login for ${PATIENCE_MS / 1_000} seconds; try later.`);
    await pause();
  }
  try {
    return await work();
  } finally {
    // Only what is still one's own. Where the store cannot be told, the lease has an end of its own.
    await leases.update(key, (now) => (now?.turn === turn ? undefined : now)).catch(() => undefined);
  }
}

function pause(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, PAUSE_MS);
  return promise;
}
