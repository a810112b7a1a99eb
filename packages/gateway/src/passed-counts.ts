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

const counts = new Map<PassedOutcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));

/** Counts a request that was to be passed to the gateway that holds what it is about. */
export function requestPassed(outcome: PassedOutcome): void {
  counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
}

/** Since the start of the process. */
export function passedCounts(): ReadonlyMap<PassedOutcome, number> {
  return counts;
}
