/** One place of a count. */
export interface Place {
  /** Gives it to the next, where its period has not passed: the call was not made after all. */
  giveBack(): Promise<void>;
}

/** Nothing is left before this time has passed, in milliseconds. */
export interface UsedUp {
  readonly retryAfterMs: number;
}

/** Counts by key. Of parallel takers no more have a place than there are, and who gets none has cost nothing. */
export interface Counter {
  /** @throws GATEWAY_STATE where it cannot be known. */
  take(key: string): Promise<Place | UsedUp>;
}

export function isUsedUp(taken: Place | UsedUp): taken is UsedUp {
  return 'retryAfterMs' in taken;
}
