import { LockgateError } from '@lockgate/abi/without-guests';

/** Why a login cannot be begun, ended or renewed, for people. */
export class LoginFaultError extends LockgateError {
  override readonly name: string = 'LoginFaultError';
  readonly code = 'GATEWAY_LOGIN';
  /** Whether a request was sent and nothing is known of what became of it. */
  readonly isUnanswered: boolean;

  constructor(message: string, { isUnanswered = false, ...options }: ErrorOptions & { isUnanswered?: boolean } = {}) {
    super(message, options);
    this.isUnanswered = isUnanswered;
  }
}

/** The authorization server says that the grant is no more: nothing but another login helps. */
export class GrantGoneError extends LoginFaultError {
  override readonly name = 'GrantGoneError';
}
