import type { WaitingApproval } from '../../consent/waiting-approval.ts';

export type { WaitingApproval } from '../../consent/waiting-approval.ts';

export interface ApprovalList {
  readonly approvals: readonly WaitingApproval[];
}
