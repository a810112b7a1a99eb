import type { UpstreamState, UpstreamStatus } from './upstream.ts';

/** How a server is that each caller has a login of its own for: what is wrong for one says nothing of it; what is wrong for all of them does. */
export function accountsState(all: readonly UpstreamStatus[]): {
  readonly state: UpstreamState;
  readonly reason: string | undefined;
} {
  const isDown = all.length > 0 && all.every(({ state }) => state === 'restarting');
  return isDown ? { state: 'restarting', reason: all[0]?.reason } : { state: 'running', reason: undefined };
}
