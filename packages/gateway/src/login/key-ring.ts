import { createHash, randomBytes } from 'node:crypto';
import { VaultError } from './vault-error.ts';

/** Bytes of a key of AES-256. */
const KEY_BYTES = 32;

/** A key that seals records, and the name under which sealed ones say which it was. */
export interface VaultKey {
  /** The first 16 hexadecimal digits of the SHA-256 of "lockgate vault key" and the key: it tells keys apart and says nothing of them. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** The first seals; all of them open. */
export type KeyRing = readonly [VaultKey, ...VaultKey[]];

/**
 * Reads keys from a text: 32 bytes each, in Base64 or Base64url, with spaces, commas or lines between them; a line that begins with `#` says nothing.
 *
 * @param source - What people call the text, for errors.
 * @throws GATEWAY_VAULT where one is no key, or there is none.
 */
export function readKeyRing(text: string, source: string): KeyRing {
  const words = text
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.split(/[\s,]+/))
    .filter((word) => word !== '');
  const [first, ...others] = words.map((word, index) => toKey(word, `key ${index + 1} of ${source}`));
  if (!first) throw new VaultError(`${source} holds no key; "lockgate vault init" makes one`);
  return [first, ...others];
}

/** A new key as a text. */
export function newKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

function toKey(word: string, name: string): VaultKey {
  const bytes = Buffer.from(word, 'base64');
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(word);
  if (!isBase64 || bytes.length !== KEY_BYTES) {
    const seen = isBase64 ? `${bytes.length} bytes` : `a text of ${word.length} characters that is no Base64`;
    throw new VaultError(
      `${name} is to be ${KEY_BYTES} bytes in Base64, and is ${seen}; make one with "lockgate vault init"`,
    );
  }
  const id = createHash('sha256').update('lockgate vault key').update(bytes).digest('hex').slice(0, 16);
  return { id, bytes };
}
