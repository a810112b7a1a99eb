import { createHash, randomBytes } from 'node:crypto';
import { type NoKey, secretKeys } from '../secret-keys.ts';
import { ClosedVaultError } from './vault-error.ts';

/** Bytes of a key of AES-256. */
const KEY_BYTES = 32;

const make = (flag: string): string => `"lockgate vault init${flag}" makes one where there is none`;

/** A key that seals records, and the name under which sealed ones say which it was. */
export interface VaultKey {
  /** The first 16 hexadecimal digits of the SHA-256 of "lockgate vault key" and the key: it tells keys apart and says nothing of them. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** The first seals; all of them open. */
export type KeyRing = readonly [VaultKey, ...VaultKey[]];

/**
 * Reads keys from a text, as {@link secretKeys} does.
 *
 * @param source - What people call the text, for errors.
 * @param flag - What makes a command of lockgate mean this configuration, with a space before it.
 * @throws GATEWAY_VAULT where one is no key, or there is none.
 */
export function readKeyRing(text: string, source: string, flag = ''): KeyRing {
  const [first, ...others] = secretKeys(text).map((key, index) => toKey(key, `key ${index + 1} of ${source}`, flag));
  if (!first) throw new ClosedVaultError({ problem: `${source} holds no key`, remedy: make(flag) });
  return [first, ...others];
}

/** A new key as a text. */
export function newKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

function toKey(key: Buffer | NoKey, name: string, flag: string): VaultKey {
  if ('seen' in key)
    throw new ClosedVaultError({ problem: `${name} ${key.seen}`, remedy: `take it out; ${make(flag)}` });
  const id = createHash('sha256').update('lockgate vault key').update(key).digest('hex').slice(0, 16);
  return { id, bytes: key };
}
