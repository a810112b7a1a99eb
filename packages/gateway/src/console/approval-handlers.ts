import type { ApprovalError } from '../consent/approval-error.ts';
import { accountable } from './accountable.ts';
import type { ApprovalList, WaitingApproval } from './api.ts';
import { ApiFailure, notFound } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConsoleSources } from './console-sources.ts';

/** Calls that wait for an operator, and deciding on them. */
export function approvalHandlers({
  approvals,
  observer,
}: Pick<ConsoleSources, 'approvals' | 'observer'>): readonly ApiHandler[] {
  return [
    {
      method: 'GET',
      path: 'approvals',
      role: 'viewer',
      handle: async (): Promise<ApprovalList> => ({ approvals: await approvals.list() }),
    },
    {
      method: 'POST',
      path: 'approvals/:id/:verdict',
      role: 'operator',
      handle: async ({ params: { id = '', verdict }, visitor }): Promise<WaitingApproval> => {
        if (verdict !== 'approve' && verdict !== 'deny') throw notFound('A call is decided on by "approve" or "deny"');
        const found = (await approvals.list()).find((one) => one.id === id);
        const action = verdict === 'approve' ? 'approve call' : 'deny call';
        const call = found && { id, principal: found.principal, argumentsDigest: found.argumentsDigest };
        const done = { by: visitor.name, action, server: found?.server, target: found?.tool, call } as const;
        return accountable(observer, done, async () => {
          try {
            return await approvals.decide(id, verdict, visitor.name);
          } catch (error) {
            throw new ApiFailure(409, 'CANNOT', (error as ApprovalError).message);
          }
        });
      },
    },
  ];
}
