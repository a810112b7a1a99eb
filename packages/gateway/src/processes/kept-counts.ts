import type { CallCounts, Overview } from '../console/api.ts';
import type { Said } from './asked-processes.ts';

const NONE: CallCounts = { calls: 0, errors: 0, withheld: 0, denied: 0 };

/** What is known of one process: the sum of the seconds that it told, and what it said last of itself. */
interface Counted {
  readonly told: CallCounts;
  readonly said: CallCounts;
}

/** What all processes have counted since the start of the one that keeps them: one that goes takes nothing with it but what a killed one had not told. */
export class KeptCounts {
  #ended: CallCounts = NONE;
  /** Of each that runs, by its number. */
  readonly #running = new Map<number, Counted>();

  /** A process tells what it counted in a second. */
  add(number: number, counts: CallCounts): void {
    const { told, said } = this.#of(number);
    this.#running.set(number, { told: joined(told, counts, plus), said });
  }

  /** A process has ended; another one may have its number next. */
  end(number: number): void {
    this.#ended = joined(this.#ended, known(this.#of(number)), plus);
    this.#running.delete(number);
  }

  /** All together, with what those that serve say of themselves just now. */
  total(serving: readonly Said<Pick<Overview, 'totals'>>[]): CallCounts {
    for (const { number, value } of serving)
      this.#running.set(number, { told: this.#of(number).told, said: value.totals });
    return [...this.#running.values()].map(known).reduce((one, other) => joined(one, other, plus), this.#ended);
  }

  #of(number: number): Counted {
    return this.#running.get(number) ?? { told: NONE, said: NONE };
  }
}

function known({ told, said }: Counted): CallCounts {
  return joined(told, said, Math.max);
}

function plus(one: number, other: number): number {
  return one + other;
}

function joined(one: CallCounts, other: CallCounts, of: (one: number, other: number) => number): CallCounts {
  return {
    calls: of(one.calls, other.calls),
    errors: of(one.errors, other.errors),
    withheld: of(one.withheld, other.withheld),
    denied: of(one.denied, other.denied),
  };
}
