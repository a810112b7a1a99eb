import { LockgateError } from '@lockgate/abi/without-guests';

interface CallLimitFacts {
  readonly server: string;
  readonly tool: string;
  readonly limit: number;
  /** Whether the calls of one session were counted, or a caller's calls without a session. */
  readonly isOfSession: boolean;
}

/** A tool that this session, or this caller without a session, has called as often as its limit allows. The backend was not called. */
export class CallLimitError extends LockgateError {
  override readonly name = 'CallLimitError';
  readonly code = 'GATEWAY_TOOL_CALL_LIMIT';

  constructor({ server, tool, limit, isOfSession }: CallLimitFacts) {
    const who = isOfSession ? 'this session' : 'this caller, whose requests come without a session,';
    const or = isOfSession ? 'start a new session' : 'have whoever runs the gateway reset the caller';
    super(
      `Denied: ${who} may call "${tool}" of "${server}" ${limit} ${limit === 1 ? 'time' : 'times'} and has done so. ` +
        `Raise "tool-call-limits" of that server or ${or}.`,
    );
  }
}
