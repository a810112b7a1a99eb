import type { GatewayStatus } from './gateway-status.ts';
import { joinGuards } from './monitor/guard-status.ts';
import type { StateStore } from './state/state-store.ts';
import type { UpstreamState, UpstreamStatus } from './upstream/upstream.ts';

/** What a gateway of several processes has of the others, in each of them. */
export interface OtherProcesses {
  /** Which of them this one is, from 1. */
  readonly number: number;
  /** What they share, where the configuration names no other place for it. */
  readonly store: StateStore;
  /** What the others say of themselves. */
  statuses(): Promise<OtherStatuses>;
  /** What all of them count, added up: with what this one does. */
  metrics(own: string): Promise<string>;
}

export interface OtherStatuses {
  /** Of those that answer. */
  readonly statuses: readonly GatewayStatus[];
  /** How many there are to be. */
  readonly wanted: number;
}

/** The states of a server, the best first: all together it is as well as where it is worst. */
const WORSE: readonly UpstreamState[] = ['running', 'needs login', 'starting', 'restarting', 'not loaded', 'closed'];

/** The state of all processes as one gateway: it runs as long as one of them does. */
export function joinStatuses(statuses: readonly GatewayStatus[]): GatewayStatus {
  const sum = (of: (status: GatewayStatus) => number): number => statuses.reduce((total, one) => total + of(one), 0);
  // One that goes while others serve is being replaced, and what it serves is well elsewhere.
  const running = statuses.filter(({ state }) => state === 'running');
  const of = running.length > 0 ? running : statuses;
  return {
    state: of[0]?.state ?? 'closed',
    upstreams: Array.from(
      Map.groupBy(
        of.flatMap(({ upstreams }) => upstreams),
        ({ name }) => name,
      ).values(),
      worst,
    ),
    guards: joinGuards(of.flatMap(({ guards }) => guards)),
    sessions: sum(({ sessions }) => sessions),
    running: sum(({ running: now }) => now),
  };
}

function worst(same: readonly UpstreamStatus[]): UpstreamStatus {
  const [first] = same.toSorted((one, other) => WORSE.indexOf(other.state) - WORSE.indexOf(one.state));
  return { ...(first as UpstreamStatus), restarts: same.reduce((total, { restarts }) => total + restarts, 0) };
}
