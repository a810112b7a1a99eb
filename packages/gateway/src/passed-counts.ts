import { countsOf } from './word-counts.ts';

/** What has become of requests that were passed to another gateway, under the words of the metric. */
const OUTCOMES = [
  'answered',
  'not-taken',
  'client-left',
  'holder-ended',
  'message-lost',
  'too-large',
  'too-many',
  'state-away',
] as const;

export type PassedOutcome = (typeof OUTCOMES)[number];

const counts = countsOf(OUTCOMES);

/** Counts a request that was to be passed to the gateway that holds what it is about. */
export const requestPassed: (outcome: PassedOutcome) => void = counts.count;

export const passedCounts: ReadonlyMap<PassedOutcome, number> = counts.all;
