import { availableParallelism } from 'node:os';

const { pause } = Atomics as { readonly pause?: () => void }; // not before Node 24
/** The other thread needs a processor of its own meanwhile. */
const CAN_LOOK = availableParallelism() > 1;
/** Some 20 µs: what a thread that is awake takes for a small call. */
const BRIEFLY = 400;
/** Some 120 µs: what it takes a processor that sleeps to wake, and its thread after that. A virtual one takes 50. */
const LONG = 2_400;
/** What was in vain is not tried again at once, and later each time: with busy processors the other thread may wait for this one. */
const FEWEST_TURNS = 8;
const MOST_TURNS = 1_024;

/** Looks, before this thread sleeps or turns to something else, whether the other one is about to change a word of shared memory. */
export class Lookout {
  readonly #words: Int32Array;
  readonly #place: number;
  #turnsLeft = 0;
  #turns = FEWEST_TURNS;
  /** It was there the last time, so the other thread is awake. */
  #isAwake = false;

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
    for (let left = this.#looks; left > 0; left--) {
      pause?.();
      if (Atomics.load(this.#words, this.#place) === present) continue;
      this.#turns = FEWEST_TURNS;
      this.#isAwake = true;
      return true;
    }
    if (this.#isAwake) {
      this.#isAwake = false; // the next turn looks for as long as it takes to wake it
      return false;
    }
    this.#turnsLeft = this.#turns;
    this.#turns = Math.min(this.#turns * 2, MOST_TURNS);
    return false;
  }

  get #looks(): number {
    if (!CAN_LOOK) return 0;
    return this.#isAwake ? BRIEFLY : LONG;
  }
}
