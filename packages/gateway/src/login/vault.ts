import type { RecordKey, RecordKind } from '../state/records.ts';

/** One record while nobody else changes it. */
export interface VaultSlot<T> {
  read(): Promise<T | undefined>;
  write(value: T): Promise<void>;
  delete(): Promise<void>;
}

/** Where logins are kept: records that hold secrets. All of it rejects with GATEWAY_VAULT where what is kept cannot be used. */
export interface Vault {
  /** Whether what is kept outlives the process. */
  readonly isDurable: boolean;
  get<T>(kind: RecordKind<T>, key: RecordKey): Promise<T | undefined>;
  /** Does something with a record that nobody else changes meanwhile, in this process or another. */
  exclusive<T, R>(kind: RecordKind<T>, key: RecordKey, work: (slot: VaultSlot<T>) => Promise<R>): Promise<R>;
  /** The keys of all records of a kind. */
  keys(kind: RecordKind<unknown>): Promise<readonly RecordKey[]>;
}

/** What a record is called where it is kept, and what it is sealed under. Injective. */
export function vaultName({ prefix }: RecordKind<unknown>, key: RecordKey): string {
  return JSON.stringify([prefix, ...key]);
}
