import type { Moment, Tally } from './tally.ts';

/** Counts in periods that begin with their first call. The wall clock has no part in it. */
export class RateTally implements Tally {
  readonly #periodMs: number;
  #end = Number.NEGATIVE_INFINITY;
  #began = 0;
  #used = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  take(moment: Moment, calls: number): number {
    if (this.isOver(moment)) {
      this.#end = moment.at + this.#periodMs;
      this.#began = moment.turn;
      this.#used = 0;
    }
    if (this.#used >= calls) return this.#end - moment.at;
    this.#used++;
    return 0;
  }

  giveBack({ turn }: Moment): void {
    if (turn >= this.#began) this.#used--;
  }

  isOver({ at }: Moment): boolean {
    return at >= this.#end;
  }
}
