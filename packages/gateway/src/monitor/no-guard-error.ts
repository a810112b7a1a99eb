import { LockgateError } from '@lockgate/abi/without-guests';

/** The configuration wants a guard in front of a server, and there is none to load: its folder is empty, or its entry is switched off. */
export class NoGuardError extends LockgateError {
  override readonly name = 'NoGuardError';
  readonly code = 'GATEWAY_NO_GUARD';
}
