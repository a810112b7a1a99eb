import { LockgateError } from '@lockgate/abi/without-guests';
import { type Diagnosis, sentenceOf } from '../diagnosis.ts';

/** What is kept of logins cannot be read or written. Nothing secret is in its words. */
export class VaultError extends LockgateError {
  override readonly name: string = 'VaultError';
  readonly code = 'GATEWAY_VAULT';
}

/** The vault cannot be opened: its folder or the keys that seal logins cannot be read, or are none. */
export class ClosedVaultError extends VaultError implements Diagnosis {
  override readonly name = 'ClosedVaultError';
  readonly problem: string;
  readonly remedy: string;

  constructor({ problem, remedy }: Diagnosis, options?: ErrorOptions) {
    super(sentenceOf({ problem, remedy }), options);
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** A record is not what was kept there, and no key will make it so: it is as good as gone. */
export class SpoiltRecordError extends VaultError {
  override readonly name = 'SpoiltRecordError';
}
