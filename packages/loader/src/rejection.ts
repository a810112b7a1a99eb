import { LockgateError } from '@lockgate/abi';
import type { RejectionReason } from './errors.ts';

/** Marks what an embedder's own `probe` threw, so that no code inside it is taken for the loader's. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

const reasons: Readonly<Record<string, RejectionReason>> = {
  LOADER_SOURCE_UNREADABLE: 'source unreadable',
  LOADER_DIGEST_MISMATCH: 'wrong digest',
  LOADER_ABI_VERSION: 'wrong ABI version',
  LOADER_UNHEALTHY: 'unhealthy',
  ABI_BAD_MODULE: 'bad bytes',
  ABI_WRONG_SHAPE: 'missing export',
  ABI_UNKNOWN_IMPORT: 'unknown import',
  ABI_MEMORY_ABOVE_CEILING: 'memory ceiling',
  ABI_GUARD_CODE: 'policy refused',
  ABI_POLICY_REJECTED: 'policy refused',
  RUNTIME_MEMORY_CEILING: 'memory ceiling',
  RUNTIME_CALL_TIMEOUT: 'timed out',
  RUNTIME_BAD_MESSAGE: 'bad answer',
  RUNTIME_CONFIGURE_REJECTED: 'settings refused',
};

/** Names what was wrong with a version, by the innermost cause that has a name. */
export function rejectionReason(error: unknown): RejectionReason {
  let reason: RejectionReason = 'failed at start-up';
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ProbeError) return 'probe failed';
    if (cause instanceof WebAssembly.CompileError) return 'bad bytes';
    reason = (LockgateError.isInstance(cause) && reasons[cause.code]) || reason;
  }
  return reason;
}
