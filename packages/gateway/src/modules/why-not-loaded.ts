import { LockgateError } from '@lockgate/abi/without-guests';
import { UnreadableFileError } from '@lockgate/runtime';
import { NotLoadedError } from '../errors.ts';
import { type LookedAt, lookAtModule } from './look-at-module.ts';

/** What the bytes of a guest are the cause of, or its entry. */
const OF_GUEST: ReadonlySet<string> = new Set(['RUNTIME_LINK', 'RUNTIME_MEMORY_CEILING', 'LOADER_ABI_VERSION']);
/** What is the cause of where it lies. */
const OF_FILE: ReadonlySet<string> = new Set(['LOADER_DIGEST_MISMATCH']);

/** Why a guest could not be loaded: NotLoadedError where no other attempt can mend it, as long as its file and its entry are as they are. */
export async function whyNotLoaded(error: unknown, kind: 'plugin' | 'command', guest: LookedAt): Promise<unknown> {
  if (!(error instanceof Error) || !isLasting(error, guest.path !== undefined)) return error;
  const found = await lookAtModule(kind, guest);
  return new NotLoadedError(error, found && { ...found, problem: `${guest.path}: ${found.problem}` });
}

function isLasting(error: Error, isOfFile: boolean): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UnreadableFileError) return isOfFile;
    if (!LockgateError.isInstance(cause)) continue;
    if ('facts' in cause && (cause.facts as { readonly mayPass?: boolean }).mayPass === true) return false;
    if (OF_GUEST.has(cause.code) || (isOfFile && OF_FILE.has(cause.code))) return true;
  }
  return false;
}
