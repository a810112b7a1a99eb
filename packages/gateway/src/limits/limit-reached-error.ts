import { LockgateError } from '@lockgate/abi/without-guests';

interface LimitReachedFacts {
  /** Name of the entry in "limits". */
  readonly limit: string;
  readonly calls: number;
  readonly per: string;
  /** What was counted together, as a part of a sentence. */
  readonly of: string;
  /** Seconds until another call may be made, rounded up. */
  readonly retryAfterSeconds: number;
}

/** As many calls have been made as a limit allows. Nothing was called, and nothing was counted. */
export class LimitReachedError extends LockgateError {
  override readonly name = 'LimitReachedError';
  readonly code = 'GATEWAY_LIMIT_REACHED';
  readonly facts: LimitReachedFacts;

  constructor(facts: LimitReachedFacts) {
    const { limit, calls, per, of, retryAfterSeconds: seconds } = facts;
    super(
      `Not called: limit "${limit}" allows ${calls} ${calls === 1 ? 'call' : 'calls'} ${per === 'hour' ? 'an' : 'a'} ${per}${of}, and they have been made. ` +
        `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}, not sooner.`,
    );
    this.facts = facts;
  }
}
