/** What is bounded, under the words of the metric. */
const CEILINGS = [
  'unsent-notifications',
  'unsent-bytes',
  'requests',
  'questions',
  'undelivered',
  'sessions',
  'private-connections',
  'subscriptions',
  'change-streams',
  'parked-calls',
  'monitored-messages',
  'stray-lines',
  'kept-events',
  'waiting-scripts',
] as const;

export type Ceiling = (typeof CEILINGS)[number];

const counts = new Map<Ceiling, number>(CEILINGS.map((ceiling) => [ceiling, 0]));

/** Counts that something was dropped, refused or ended because there would have been too much of it. */
export function ceilingReached(ceiling: Ceiling): void {
  counts.set(ceiling, (counts.get(ceiling) ?? 0) + 1);
}

/** How often each ceiling was reached since the start of the process: like its memory, this is not one gateway's. */
export function ceilingCounts(): ReadonlyMap<Ceiling, number> {
  return counts;
}
