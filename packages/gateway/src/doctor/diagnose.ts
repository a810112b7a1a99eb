import { LockgateError } from '@lockgate/abi/without-guests';
import { type Diagnosis, isDiagnosed } from '../diagnosis.ts';
import { LEGACY_VERSIONS, MODERN_VERSION } from '../protocol/era.ts';
import { RpcError } from '../protocol/rpc-error.ts';

/** What to do about what says nothing of that itself. */
export interface Fallback {
  readonly remedy: string;
}

/** What guests and their loader refuse, by the codes of their errors. */
const BY_CODE: Readonly<Record<string, string>> = {
  RUNTIME_CONFIGURE_REJECTED: 'correct its "settings"',
  ABI_POLICY_REJECTED: 'correct "guard-policies" of the server, or "policy" of the guard',
  LOADER_UNHEALTHY: 'check its settings and what it depends on',
  LOADER_ABI_VERSION: 'rebuild the guest with the SDK of this version',
  LOADER_DIGEST_MISMATCH: 'find out where it comes from, then correct "sha256"',
  LOADER_SOURCE_UNREADABLE: 'check its "path" or "url"',
  RUNTIME_MEMORY_CEILING: 'raise "limits.memoryCeilingBytes", or build it smaller',
  RUNTIME_STORAGE: 'make the directory, or correct "storage"',
  RUNTIME_CALL_TIMEOUT: 'raise "limits.callTimeoutMs" if it needs more',
  RUNTIME_JSPI_MISSING: 'write "isolation": "worker", or take a newer Node',
};

/** Sentences after the first that say what to do, or where to look further: the remedy does that here. */
const WHAT_THEN = /(?<=\.) (?:The instance was replaced|Rebuild|Check|Raise|Make|Use)\b.*$/s;

/** Cause and remedy of any error that keeps a server, plugin or guard from being served. */
export function diagnose(error: unknown, { remedy }: Fallback): Diagnosis {
  if (isDiagnosed(error)) return { problem: error.problem, remedy: error.remedy };
  if (error instanceof RpcError && error.isReceived) {
    const versions = [MODERN_VERSION, ...LEGACY_VERSIONS].join(', ');
    return {
      problem: `it answered with an error: ${error.message}`,
      remedy: `look at its log; it has to speak one of the MCP revisions ${versions}`,
    };
  }
  if (!(error instanceof Error)) return { problem: String(error), remedy };
  const known = codesOf(error).map((code) => BY_CODE[code]);
  return {
    problem: error.message.replace(WHAT_THEN, ''),
    remedy: known.find((one) => one !== undefined) ?? remedy,
  };
}

/** Of an error and what caused it; the deepest is the one that knows. */
function codesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  return [...codesOf(error.cause), ...(LockgateError.isInstance(error) ? [error.code] : [])];
}
