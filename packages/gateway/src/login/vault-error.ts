import { LockgateError } from '@lockgate/abi';

/** What is kept of logins cannot be read or written. Nothing secret is in its words. */
export class VaultError extends LockgateError {
  override readonly name = 'VaultError';
  readonly code = 'GATEWAY_VAULT';
}
