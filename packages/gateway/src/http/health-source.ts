import type { GuardStatus } from '../monitor/guard-status.ts';
import type { UpstreamStatus } from '../upstream/upstream.ts';
import type { HealthEntry, HealthSource } from './health.ts';

const STATES = {
  running: 'up',
  starting: 'starting',
  restarting: 'down',
  'not loaded': 'down',
  'needs login': 'needs login',
  closed: 'down',
} as const;

/** What the gateway knows of itself, as health tells it. */
export interface GatewayState {
  readonly state: HealthSource['state'];
  readonly upstreams: readonly UpstreamStatus[];
  readonly guards: readonly GuardStatus[];
}

export function toHealth({ state, upstreams, guards }: GatewayState): HealthSource {
  const behind = guards.map(({ server, guard, failure }): HealthEntry => {
    return {
      name: `${guard} of ${server}`,
      kind: 'guard',
      state: failure === undefined ? 'up' : 'down',
      reason: failure,
    };
  });
  const entries = upstreams.map(({ name, kind, state: upstreamState, reason }): HealthEntry => {
    return { name, kind: kind === 'mcp' ? 'server' : kind, state: STATES[upstreamState], reason };
  });
  return { state, entries: [...entries, ...behind] };
}
