import type { Attention, Overview, UpstreamSummary } from '../console/api.ts';
import { joinGuards } from '../monitor/guard-status.ts';
import type { Said } from './asked-processes.ts';

/** The states of a server, the best first: all together it is as well as where it is worst. */
const WORSE: readonly UpstreamSummary['state'][] = [
  'running',
  'disabled',
  'needs login',
  'starting',
  'restarting',
  'not loaded',
  'closed',
];

/**
 * How all processes do, as one gateway.
 *
 * @param own - What is the keeping process's own, and what it keeps of those that have ended.
 */
export function joinOverviews(
  processes: readonly Said<Overview>[],
  own: Pick<
    Overview,
    'state' | 'version' | 'nodeVersion' | 'pid' | 'startedAt' | 'uptimeMs' | 'configuration' | 'totals' | 'ticks'
  >,
): Overview {
  const all = processes.map(({ value }) => value);
  const sum = (of: (overview: Overview) => number): number => all.reduce((total, one) => total + of(one), 0);
  const url = all[0]?.url;
  return {
    ...own,
    ...(url !== undefined && { url }),
    sessions: sum(({ sessions }) => sessions),
    running: sum(({ running }) => running),
    upstreams: joinUpstreams(processes.map(({ number, value }) => ({ number, value: value.upstreams }))),
    guards: joinGuards(all.flatMap(({ guards }) => guards)),
    attention: [...joinAttention(processes), ...otherVersion(all, own)],
    processes: processes.map(({ number, value: { pid, version, startedAt, sessions, running } }) => {
      return { number, pid, version, startedAt, sessions, running };
    }),
  };
}

/** Servers and plugins, each as it is where it is worst, with the process where that is so. */
export function joinUpstreams(processes: readonly Said<readonly UpstreamSummary[]>[]): readonly UpstreamSummary[] {
  const byName = Map.groupBy(
    processes.flatMap(({ number, value }) => value.map((one) => ({ number, value: one }))),
    ({ value }) => value.name,
  );
  return Array.from(byName.values(), joinUpstream);
}

/** One server or plugin as it is where it is worst. */
export function joinUpstream<T extends UpstreamSummary>(same: readonly Said<T>[]): T {
  const sorted = same.toSorted((one, other) => WORSE.indexOf(other.value.state) - WORSE.indexOf(one.value.state));
  const { number, value: first } = sorted[0] as Said<T>;
  const isAlike = same.every(({ value }) => value.state === first.state);
  const reason = isAlike ? first.reason : `in process ${number} of ${same.length}: ${first.reason ?? first.state}`;
  const restarts = same.reduce((total, { value }) => total + value.restarts, 0);
  return { ...first, restarts, ...(reason !== undefined && { reason }) };
}

/** A program that was replaced on the disk: those that were started since are of it, and the one that keeps them is not. */
function otherVersion(all: readonly Overview[], own: Pick<Overview, 'version'>): readonly Attention[] {
  const other = all.find(({ version }) => version !== own.version);
  if (!other) return [];
  const message = `Processes are of version ${other.version}, and the one that keeps them is of ${own.version}`;
  return [{ severity: 'warning', subject: 'gateway', message, remedy: 'Start the gateway anew when it suits' }];
}

/** What is so in all is said once, and of what is not, where it is so. */
function joinAttention(processes: readonly Said<Overview>[]): readonly Attention[] {
  const found = processes.flatMap(({ number, value }) => value.attention.map((item) => ({ number, item })));
  const alike = Map.groupBy(found, ({ item }) => JSON.stringify(item));
  return Array.from(alike.values(), (same) => {
    const { item } = same[0] as (typeof found)[number];
    if (same.length === processes.length) return item;
    const numbers = same.map(({ number }) => number).join(', ');
    return { ...item, message: `In process ${numbers}: ${item.message}` };
  });
}
