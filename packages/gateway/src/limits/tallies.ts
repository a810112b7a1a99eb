import { StateError } from '../state/state-error.ts';
import type { Moment, Tally } from './tally.ts';

/** Counts of one limit that are kept at once. */
const MAX_TALLIES = 100_000;

/** The counts of one limit, by key. */
export class Tallies {
  readonly #make: (key: string) => Tally;
  readonly #tallies = new Map<string, Tally>();

  constructor(make: (key: string) => Tally) {
    this.#make = make;
  }

  /**
   * The same for the same key, until it is removed.
   *
   * @param onRemoved - Called where counts that are over have made room: whoever holds one has to ask anew.
   * @throws GATEWAY_STATE where too many are kept: one that counts goes never.
   */
  of(key: string, moment: Moment, onRemoved: () => void): Tally {
    const known = this.#tallies.get(key);
    if (known) return known;
    if (this.#tallies.size >= MAX_TALLIES) {
      onRemoved();
      for (const [of, tally] of this.#tallies) if (tally.isOver(moment)) this.#tallies.delete(of);
      if (this.#tallies.size >= MAX_TALLIES) throw new StateError({ kind: 'full', holds: `${MAX_TALLIES} counts` });
    }
    const made = this.#make(key);
    this.#tallies.set(key, made);
    return made;
  }
}
