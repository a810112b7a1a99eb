import type { CallCounts, Overview, UpstreamSummary } from '../console/api.ts';

/** One process, and how it does. */
export interface ProcessOverview {
  readonly number: number;
  readonly overview: Overview;
}

/** The states of a server, the best first: all together it is as well as where it is worst. */
const WORSE: readonly UpstreamSummary['state'][] = [
  'running',
  'disabled',
  'needs login',
  'starting',
  'restarting',
  'closed',
];

/**
 * How all processes do, as one gateway.
 *
 * @param own - What is the keeping process's own.
 */
export function joinOverviews(
  processes: readonly ProcessOverview[],
  own: Pick<Overview, 'state' | 'version' | 'nodeVersion' | 'pid' | 'startedAt' | 'uptimeMs' | 'configuration'>,
): Overview {
  const all = processes.map(({ overview }) => overview);
  const sum = (of: (overview: Overview) => number): number => all.reduce((total, one) => total + of(one), 0);
  const count = (key: keyof CallCounts): number => sum(({ totals }) => totals[key]);
  const url = all[0]?.url;
  const byName = Map.groupBy(
    all.flatMap(({ upstreams }) => upstreams),
    ({ name }) => name,
  );
  const attention = new Map(all.flatMap((one) => one.attention.map((item) => [JSON.stringify(item), item] as const)));
  return {
    ...own,
    ...(url !== undefined && { url }),
    sessions: sum(({ sessions }) => sessions),
    running: sum(({ running }) => running),
    totals: { calls: count('calls'), errors: count('errors'), withheld: count('withheld'), denied: count('denied') },
    upstreams: Array.from(byName.values(), worst),
    guards: all[0]?.guards ?? [],
    attention: [...attention.values()],
    ticks: [],
    processes: processes.map(({ number, overview: { pid, startedAt, sessions, running } }) => {
      return { number, pid, startedAt, sessions, running };
    }),
  };
}

function worst(same: readonly UpstreamSummary[]): UpstreamSummary {
  const [first] = same.toSorted((one, other) => WORSE.indexOf(other.state) - WORSE.indexOf(one.state));
  return { ...(first as UpstreamSummary), restarts: same.reduce((total, { restarts }) => total + restarts, 0) };
}
