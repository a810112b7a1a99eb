import { availableParallelism } from 'node:os';

const { pause } = Atomics as { readonly pause?: () => void }; // not before Node 24
/** Some 20 µs: less than it takes to sleep and to be woken on another processor. The other thread needs one of its own meanwhile. */
const LOOKS = availableParallelism() > 1 ? 400 : 0;
/** What was in vain is not tried again at once, and later each time: with busy processors the other thread may wait for this one. */
const FEWEST_TURNS = 8;
const MOST_TURNS = 1_024;

/** Looks, before this thread sleeps or turns to something else, whether the other one is about to change a word of shared memory. */
export class Lookout {
  readonly #words: Int32Array;
  readonly #place: number;
  #turnsLeft = 0;
  #turns = FEWEST_TURNS;

  constructor(words: Int32Array, place: number) {
    this.#words = words;
    this.#place = place;
  }

  /** Whether the word is another one, now or in a moment. */
  sees(present: number): boolean {
    if (Atomics.load(this.#words, this.#place) !== present) return true;
    if (this.#turnsLeft > 0) {
      this.#turnsLeft -= 1;
      return false;
    }
    for (let left = LOOKS; left > 0; left--) {
      pause?.();
      if (Atomics.load(this.#words, this.#place) === present) continue;
      this.#turns = FEWEST_TURNS;
      return true;
    }
    this.#turnsLeft = this.#turns;
    this.#turns = Math.min(this.#turns * 2, MOST_TURNS);
    return false;
  }
}
