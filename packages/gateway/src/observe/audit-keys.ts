import { createHash } from 'node:crypto';
import { LockgateError } from '@lockgate/abi';
import type { AuditSection } from '../config/gateway-section.ts';
import { OpenKeyFileError, readKeyFile } from '../key-file.ts';
import { secretKeys } from '../secret-keys.ts';

/** The keys of the audit log cannot be read, so that nobody could say later that its lines are the gateway's. */
class AuditKeyError extends LockgateError {
  override readonly name = 'AuditKeyError';
  readonly code = 'GATEWAY_AUDIT_KEY';
}

export interface AuditKey {
  /** The first 16 hexadecimal digits of the SHA-256 of "lockgate audit key" and the key: it tells keys apart and says nothing of them. */
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * The keys of a configuration: lines are written with the first and checked with all. Empty where there is none.
 *
 * @param onOpenFile - Told of a file that everybody can read, where that is no reason to refuse it.
 * @throws GATEWAY_AUDIT_KEY
 */
export async function readAuditKeys(
  { key, keyFile }: AuditSection,
  onOpenFile: (path: string) => void = () => {},
): Promise<readonly AuditKey[]> {
  if (key !== undefined) return toKeys(key, '"gateway.audit.key"');
  if (keyFile === undefined) return [];
  let text: string;
  try {
    const file = await readKeyFile(keyFile);
    if (file.isOpen) onOpenFile(keyFile);
    text = file.text;
  } catch (error) {
    if (error instanceof OpenKeyFileError) {
      const problem =
        'Others than its owner can read the keys of the audit log, and so write lines as the gateway does';
      throw new AuditKeyError(`${problem}: chmod 600 ${keyFile}`);
    }
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new AuditKeyError(`The file of "gateway.audit.keyFile" cannot be read (${code}): ${keyFile}`);
  }
  return toKeys(text, keyFile);
}

function toKeys(text: string, source: string): readonly AuditKey[] {
  const keys = secretKeys(text).map((key, index) => {
    if ('seen' in key)
      throw new AuditKeyError(`Key ${index + 1} of ${source} ${key.seen}; make one with: openssl rand -base64 32`);
    const id = createHash('sha256').update('lockgate audit key').update(key).digest('hex').slice(0, 16);
    return { id, bytes: key };
  });
  if (keys.length === 0) throw new AuditKeyError(`${source} holds no key; make one with: openssl rand -base64 32`);
  return keys;
}
