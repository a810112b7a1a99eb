import type { Moment, Tally } from './tally.ts';

const DAY_MS = 86_400_000;

/** Counts in days of the calendar, in UTC. A clock that is put back gives nobody a new day, and has nobody wait longer than 24 hours. */
export class DayTally implements Tally {
  #day = Number.NEGATIVE_INFINITY;
  #end = Number.NEGATIVE_INFINITY;
  #began = 0;
  #used = 0;

  take(moment: Moment, calls: number): number {
    const { at, wall, turn } = moment;
    if (this.isOver(moment)) {
      this.#day = Math.floor(wall / DAY_MS);
      this.#end = at + DAY_MS;
      this.#began = turn;
      this.#used = 0;
    }
    if (this.#used >= calls) return Math.min((this.#day + 1) * DAY_MS - wall, this.#end - at);
    this.#used++;
    return 0;
  }

  giveBack({ turn }: Moment): void {
    if (turn >= this.#began) this.#used--;
  }

  isOver({ at, wall }: Moment): boolean {
    return wall >= (this.#day + 1) * DAY_MS || at >= this.#end;
  }
}
