const COMPLAINTS = 20;

/** How many calls of one kind were made, and how they ended. */
export interface KindCounts {
  made: number;
  /** Gave what such a call must give. */
  right: number;
  /** Rejected with the reason of their own abort. */
  aborted: number;
  wrong: number;
}

/** Counts calls by their kinds, and keeps what was wrong with the first of those that were. */
export class Tally {
  readonly kinds: Record<string, KindCounts> = {};
  readonly complaints: string[] = [];
  /** Calls made again, since their guest had failed too often in a row. */
  rests = 0;

  count(kind: string, end: 'right' | 'aborted'): void {
    this.#of(kind)[end] += 1;
  }

  complain(kind: string, call: number, problem: string): void {
    this.#of(kind).wrong += 1;
    if (this.complaints.length < COMPLAINTS) this.complaints.push(`call ${call} (${kind}): ${problem}`);
  }

  /** All kinds together. */
  get total(): KindCounts {
    const sum = (name: keyof KindCounts) => Object.values(this.kinds).reduce((all, counts) => all + counts[name], 0);
    return { made: sum('made'), right: sum('right'), aborted: sum('aborted'), wrong: sum('wrong') };
  }

  #of(kind: string): KindCounts {
    this.kinds[kind] ??= { made: 0, right: 0, aborted: 0, wrong: 0 };
    const counts = this.kinds[kind];
    counts.made += 1;
    return counts;
  }
}
