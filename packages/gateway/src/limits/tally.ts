/** When a call is counted. */
export interface Moment {
  /** Which call it is, of all that are counted. What was taken before a period began does not belong to it. */
  readonly turn: number;
  /** Milliseconds that only go up. */
  readonly at: number;
  /** Milliseconds since 1970. */
  readonly wall: number;
}

/** The count of one key of one limit. Those of this process answer at once: of parallel takers no more have a place than there are. */
export interface Tally {
  /**
   * Takes a place.
   *
   * @param calls - How many there are in a period.
   * @returns 0, or in how many milliseconds there may be one; nothing was taken then.
   * @throws GATEWAY_STATE where it cannot be known.
   */
  take(moment: Moment, calls: number): number | Promise<number>;
  /** Gives the place of that moment back, where its period has not passed: the call was not made after all. */
  giveBack(moment: Moment): void | Promise<void>;
  /** Whether nothing of it counts any more. */
  isOver(moment: Moment): boolean;
}
