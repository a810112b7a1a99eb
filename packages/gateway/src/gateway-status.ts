import type { Permissions } from './access/permissions.ts';
import type { GuardStatus } from './monitor/guard-status.ts';
import { type Caller, seesAll } from './protocol/peer.ts';
import type { UpstreamStatus } from './upstream/upstream.ts';

export interface GatewayStatus {
  readonly state: 'running' | 'closing' | 'closed';
  readonly upstreams: readonly UpstreamStatus[];
  /** Guards in front of servers; one with a failure denies every call of its server. */
  readonly guards: readonly GuardStatus[];
  readonly sessions: number;
  /** Requests that are being answered now. */
  readonly running: number;
}

/** What a server's state is shows that it exists: a caller is told of those that it sees. */
export function statusSeenBy(
  caller: Caller | undefined,
  status: GatewayStatus,
  permissions: Permissions,
): GatewayStatus {
  if (!caller || seesAll(caller)) return status;
  const permission = permissions.of(caller);
  return {
    ...status,
    upstreams: status.upstreams.filter(({ name }) => permission.opens(name)),
    guards: status.guards.filter(({ server }) => permission.opens(server)),
  };
}
