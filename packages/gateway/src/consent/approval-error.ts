import { LockgateError } from '@lockgate/abi/without-guests';

/** The call waits for somebody to allow it. Nothing was called. */
export class ApprovalNeededError extends LockgateError {
  override readonly name = 'ApprovalNeededError';
  readonly code = 'GATEWAY_APPROVAL_NEEDED';

  constructor(facts: { readonly tool: string; readonly server: string; readonly id: string }) {
    const { tool, server, id } = facts;
    super(
      `Not called: the tool ${tool} of "${server}" is called once an operator has approved this very call (${id}). Tell the user so; then make the same call again, with the same arguments.`,
    );
  }
}

/** Somebody has said no to the call, or nobody has answered in time. Nothing was called. */
export class ApprovalDeniedError extends LockgateError {
  override readonly name = 'ApprovalDeniedError';
  readonly code = 'GATEWAY_APPROVAL_DENIED';

  constructor(facts: { readonly tool: string; readonly server: string; readonly why: string }) {
    super(`Not called: ${facts.why} (tool ${facts.tool} of "${facts.server}"). Do not try it in another way.`);
  }
}

/** There is no such call that waits, or it cannot be decided by whoever asks. */
export class ApprovalError extends LockgateError {
  override readonly name = 'ApprovalError';
  readonly code = 'GATEWAY_APPROVAL';
}
