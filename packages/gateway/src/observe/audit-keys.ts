import { createHash } from 'node:crypto';
import { LockgateError } from '@lockgate/abi/without-guests';
import type { AuditSection } from '../config/gateway-section.ts';
import { type Diagnosis, sentenceOf } from '../diagnosis.ts';
import { OpenKeyFileError, readKeyFile } from '../key-file.ts';
import { secretKeys } from '../secret-keys.ts';

/** The keys of the audit log cannot be read, so that nobody could say later that its lines are the gateway's. */
class AuditKeyError extends LockgateError implements Diagnosis {
  override readonly name = 'AuditKeyError';
  readonly code = 'GATEWAY_AUDIT_KEY';
  readonly problem: string;
  readonly remedy: string;

  constructor({ problem, remedy }: Diagnosis, options?: ErrorOptions) {
    super(sentenceOf({ problem, remedy }), options);
    this.problem = problem;
    this.remedy = remedy;
  }
}

const MAKE = 'make one with: openssl rand -base64 32';

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
    throw new AuditKeyError(whyUnreadable(error, keyFile), { cause: error });
  }
  return toKeys(text, keyFile);
}

function whyUnreadable(error: unknown, keyFile: string): Diagnosis {
  if (error instanceof OpenKeyFileError) {
    const problem = 'Others than its owner can read the keys of the audit log, and so write lines as the gateway does';
    return { problem, remedy: `chmod 600 ${keyFile}` };
  }
  const { code = String(error) } = error as NodeJS.ErrnoException;
  const problem = `The file of "gateway.audit.keyFile" cannot be read (${code}): ${keyFile}`;
  if (code === 'ENOENT')
    return {
      problem,
      remedy: 'make it with: (umask 077; openssl rand -base64 32 > FILE), or correct "gateway.audit.keyFile"',
    };
  if (code === 'EACCES' || code === 'EPERM')
    return { problem, remedy: 'give the user that the gateway runs as the right to read it, and nobody else' };
  return { problem, remedy: 'name a file of keys in "gateway.audit.keyFile"' };
}

function toKeys(text: string, source: string): readonly AuditKey[] {
  const keys = secretKeys(text).map((key, index) => {
    if ('seen' in key) throw new AuditKeyError({ problem: `Key ${index + 1} of ${source} ${key.seen}`, remedy: MAKE });
    const id = createHash('sha256').update('lockgate audit key').update(key).digest('hex').slice(0, 16);
    return { id, bytes: key };
  });
  if (keys.length === 0) throw new AuditKeyError({ problem: `${source} holds no key`, remedy: MAKE });
  return keys;
}
