import { LockgateError } from '@lockgate/abi';

/** What is kept of logins cannot be read or written. Nothing secret is in its words. */
export class VaultError extends LockgateError {
  override readonly name: string = 'VaultError';
  readonly code = 'GATEWAY_VAULT';
}

/** A record is not what was kept there, and no key will make it so: it is as good as gone. */
export class SpoiltRecordError extends VaultError {
  override readonly name = 'SpoiltRecordError';
}
