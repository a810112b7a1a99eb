import { LockgateError } from '@lockgate/abi';

/** A tool that this session has called as often as its limit allows. The backend was not called. */
export class CallLimitError extends LockgateError {
  override readonly name = 'CallLimitError';
  readonly code = 'GATEWAY_TOOL_CALL_LIMIT';

  constructor({ server, tool, limit }: { server: string; tool: string; limit: number }) {
    super(
      `Denied: this session may call "${tool}" of "${server}" ${limit} ${limit === 1 ? 'time' : 'times'} and has done ` +
        'so. Raise "tool-call-limits" of that server or start a new session.',
    );
  }
}
