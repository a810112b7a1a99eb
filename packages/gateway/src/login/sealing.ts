import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from './key-ring.ts';
import { SpoiltRecordError, VaultError } from './vault-error.ts';

/** Source: NIST SP 800-38D, 8.2.2: a random nonce of 96 bits; far fewer than 2^32 records are sealed with one key. */
const NONCE_BYTES = 12;

const CIPHER = 'aes-256-gcm';

/** A record as it is kept. */
export interface Sealed {
  readonly keyId: string;
  /** Base64, as the others. */
  readonly nonce: string;
  readonly tag: string;
  readonly data: string;
}

/** Seals a text under the first key. It opens under the same name alone: one that was put in another's place is worth nothing. */
export function seal(text: string, name: string, [key]: KeyRing): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.bytes, nonce).setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return {
    keyId: key.id,
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
}

/** @throws GATEWAY_VAULT where no key fits; SpoiltRecordError where it is not what was sealed under this name. */
export function open({ keyId, nonce, tag, data }: Sealed, name: string, ring: KeyRing): string {
  const key = ring.find(({ id }) => id === keyId);
  if (!key) {
    throw new VaultError(
      `A login was sealed with the key ${keyId}, which is not among the keys of the vault (${ring.map(({ id }) => id).join(', ')}). Give that key as well, or remove the folder and log in again.`,
    );
  }
  try {
    const decipher = createDecipheriv(CIPHER, key.bytes, Buffer.from(nonce, 'base64'), { authTagLength: 16 })
      .setAAD(Buffer.from(name))
      .setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8');
  } catch {
    throw new SpoiltRecordError(
      'A login that is kept is not what was kept there: somebody has changed its file, or put it in place of another. It is not used; log in again.',
    );
  }
}
