import { parseJson } from '../json.ts';
import { leaseRecords } from '../state/lease-record.ts';
import { type RecordKey, type RecordKind, Records } from '../state/records.ts';
import { type SealedRecord, sealedRecords } from '../state/sealed-record.ts';
import { StateError } from '../state/state-error.ts';
import type { StateStore } from '../state/state-store.ts';
import type { FolderVault, Resealed } from './folder-vault.ts';
import { OneByOne } from './one-by-one.ts';
import { open, seal } from './sealing.ts';
import { LEASE_MS, underLease } from './under-lease.ts';
import { type Vault, type VaultSlot, vaultName } from './vault.ts';
import { SpoiltRecordError, VaultError } from './vault-error.ts';

/** How long it is remembered that a login has ended: longer than a gateway that has a copy of it is away. */
const ENDED_MS = 90 * 86_400_000;

const PAUSE_MS = 200;

export interface SharedVaultOptions {
  readonly folder: FolderVault;
  readonly store: StateStore;
  /** Milliseconds since 1970, as records have them. */
  readonly now: () => number;
}

/** When somebody logged in, and when it was renewed last, where a record says so. */
interface Age {
  readonly loggedInAt?: number;
  readonly obtainedAt?: number;
}

/**
 * Keeps logins for all gateways that share a state store: sealed in the store, where each finds what another one has renewed, and in a folder of its own, which outlives
 * the store. Of the two the younger counts. One gateway at a time changes a record, so that no refresh token is used twice.
 */
export class SharedVault implements Vault {
  readonly isDurable = true;
  readonly #folder: FolderVault;
  readonly #sealed: Records<SealedRecord>;
  readonly #leases: Records<{ readonly turn: string }>;
  readonly #now: () => number;
  readonly #oneByOne = new OneByOne();

  constructor({ folder, store, now }: SharedVaultOptions) {
    this.#folder = folder;
    this.#sealed = new Records(store, sealedRecords);
    this.#leases = new Records(store, leaseRecords);
    this.#now = now;
  }

  /** @throws GATEWAY_STATE as well: a login that another gateway has ended is not gone on with. */
  async get<T>(kind: RecordKind<T>, key: RecordKey): Promise<T | undefined> {
    return this.#younger(kind, key, await this.#folder.get(kind, key));
  }

  exclusive<T, R>(kind: RecordKind<T>, key: RecordKey, work: (slot: VaultSlot<T>) => Promise<R>): Promise<R> {
    const name = vaultName(kind, key);
    const at = [kind.prefix, ...key];
    return this.#oneByOne.take(name, () =>
      underLease(this.#leases, at, () =>
        this.#folder.exclusive(kind, key, (own) => {
          const slot: VaultSlot<T> = {
            read: async () => this.#younger(kind, key, await own.read()),
            write: async (value) => {
              const sealed = seal(JSON.stringify(value), name, await this.#folder.ring());
              // The folder's may fail as well, and neither is reason not to try the other.
              const [shared, kept] = await Promise.allSettled([this.#putInTime(at, { sealed }), own.write(value)]);
              for (const one of [shared, kept]) if (one.status === 'rejected') throw one.reason;
            },
            delete: async () => {
              await this.#sealed.put(at, { endedAt: this.#now() }, ENDED_MS);
              await own.delete();
            },
          };
          return work(slot);
        }),
      ),
    );
  }

  /** Those that this gateway has had to do with. */
  keys(kind: RecordKind<unknown>): Promise<readonly RecordKey[]> {
    return this.#folder.keys(kind);
  }

  /**
   * Seals with the first key what the store has of all that this gateway has had to do with; what others have had to do with alone, they seal themselves, or its next
   * renewal does.
   *
   * @throws GATEWAY_STATE
   */
  async reseal(): Promise<Resealed> {
    const own = await this.#folder.reseal();
    const count = { ...own };
    for (const at of await this.#folder.records()) {
      const name = JSON.stringify(at);
      const work = async (): Promise<void> => {
        const found = await this.#sealed.get(at);
        if (!found || 'endedAt' in found) return;
        const ring = await this.#folder.ring();
        try {
          await this.#sealed.put(at, { sealed: seal(open(found.sealed, name, ring), name, ring) });
          count.sealed++;
        } catch (error) {
          if (!(error instanceof VaultError)) throw error;
          count.unreadable++;
        }
      };
      await this.#oneByOne.take(name, () => underLease(this.#leases, at, work));
    }
    return count;
  }

  /** What is in the store, or what is in the folder where that is younger. */
  async #younger<T>(kind: RecordKind<T>, key: RecordKey, own: T | undefined): Promise<T | undefined> {
    const found = await this.#sealed.get([kind.prefix, ...key]);
    if (!found) return own;
    if ('endedAt' in found) return loggedInAt(own) > found.endedAt ? own : undefined;
    const ring = await this.#folder.ring();
    const { keyId } = found.sealed;
    if (!ring.some(({ id }) => id === keyId)) {
      throw new VaultError(
        `Another gateway keeps this login sealed with the key ${keyId}, which is not among the keys of the vault (${ring.map(({ id }) => id).join(', ')}). Give all gateways that share a state store the same key, in "gateway.vault.key" or a copy of the key's file.`,
      );
    }
    let shared: T;
    try {
      shared = kind.parse(parseJson(open(found.sealed, vaultName(kind, key), ring)));
    } catch (error) {
      // Where it stood in the way, nobody could log in again.
      if (error instanceof SpoiltRecordError) return own;
      throw error;
    }
    return isYounger(own, shared) ? own : shared;
  }

  /**
   * What was renewed has used up the record that is there: while this gateway has the lease, a store that is away for a moment is waited for, since others would
   * renew with a token that is none any more.
   */
  async #putInTime(at: RecordKey, record: SealedRecord): Promise<void> {
    const since = performance.now();
    for (;;) {
      try {
        return await this.#sealed.put(at, record);
      } catch (error) {
        const isOver = performance.now() - since > LEASE_MS / 4;
        if (isOver || !(error instanceof StateError) || error.problem.kind === 'closed') throw error;
        const { promise, resolve } = Promise.withResolvers<void>();
        setTimeout(resolve, PAUSE_MS);
        await promise;
      }
    }
  }
}

function isYounger(one: unknown, other: unknown): boolean {
  if (one === undefined) return false;
  const by = loggedInAt(one) - loggedInAt(other);
  return by > 0 || (by === 0 && ((one as Age).obtainedAt ?? 0) > ((other as Age).obtainedAt ?? 0));
}

function loggedInAt(record: unknown): number {
  return (record as Age | undefined)?.loggedInAt ?? 0;
}
