import { countsOf } from './word-counts.ts';

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

const counts = countsOf(CEILINGS);

/** Counts that something was dropped, refused or ended because there would have been too much of it. */
export const ceilingReached: (ceiling: Ceiling) => void = counts.count;

export const ceilingCounts: ReadonlyMap<Ceiling, number> = counts.all;
