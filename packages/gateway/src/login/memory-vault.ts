import type { RecordKey, RecordKind } from '../state/records.ts';
import { OneByOne } from './one-by-one.ts';
import { type Vault, type VaultSlot, vaultName } from './vault.ts';

interface Kept {
  readonly prefix: string;
  readonly key: RecordKey;
  readonly value: unknown;
}

/** Keeps logins for as long as the process lives, and nowhere else. */
export class MemoryVault implements Vault {
  readonly isDurable = false;
  readonly #records = new Map<string, Kept>();
  readonly #oneByOne = new OneByOne();

  async get<T>(kind: RecordKind<T>, key: RecordKey): Promise<T | undefined> {
    const found = this.#records.get(vaultName(kind, key));
    return found && kind.parse(structuredClone(found.value));
  }

  exclusive<T, R>(kind: RecordKind<T>, key: RecordKey, work: (slot: VaultSlot<T>) => Promise<R>): Promise<R> {
    const name = vaultName(kind, key);
    const slot: VaultSlot<T> = {
      read: () => this.get(kind, key),
      write: async (value) => void this.#records.set(name, { prefix: kind.prefix, key, value: structuredClone(value) }),
      delete: async () => void this.#records.delete(name),
    };
    return this.#oneByOne.take(name, () => work(slot));
  }

  async keys({ prefix }: RecordKind<unknown>): Promise<readonly RecordKey[]> {
    return [...this.#records.values()].filter((kept) => kept.prefix === prefix).map(({ key }) => key);
  }
}
