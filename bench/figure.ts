/** One measurement: does the subject's work and the baseline's work, each once, in the figure's unit. */
export interface Pair extends AsyncDisposable {
  readonly baseline: () => Promise<number>;
  readonly subject: () => Promise<number>;
  /** What a reader must know to believe the ratio; printed under the table. */
  readonly note?: string;
}

/** What is measured, against what, and what it should reach. A file in `figures/` exports an array of these. */
export interface Figure {
  /** Unique; `--filter` looks for a part of it. */
  readonly name: string;
  /** What the baseline and the subject return, for example `µs/call` or `calls/s`. */
  readonly unit: string;
  /** The ratio subject ÷ baseline to reach: at most it when lower is better, at least it when higher is. */
  readonly aim?: { readonly ratio: number; readonly better: 'lower' | 'higher' };
  readonly setup: (context: { readonly quick: boolean }) => Promise<Pair>;
}
