/** What every figure is told about the run. */
export interface Context {
  readonly quick: boolean;
  /** The folder of another built checkout of this project, to be measured in the same rounds. */
  readonly against: string | undefined;
}

/** The ratio subject ÷ baseline to reach: at most it when lower is better, at least it when higher is. */
export interface Aim {
  readonly ratio: number;
  readonly better: 'lower' | 'higher';
}

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
  readonly aim?: Aim;
  readonly setup: (context: Context) => Promise<Pair>;
}

/** One of the numbers that a run gives. */
export interface Measure {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
}

/** One run of a load: a number for each measure, by its key. NaN where the system cannot say it. */
export type Run = () => Promise<Readonly<Record<string, number>>>;

/** One subject and all it is compared with, ready to run. */
export interface Contest extends AsyncDisposable {
  readonly subject: Run;
  /** By their names, in the order of the table. */
  readonly references: Readonly<Record<string, Run>>;
  /** What a reader must know to believe the ratios. */
  readonly note?: string;
}

/** A figure with several numbers to each run and any number of references, which take turns with the subject. */
export interface Comparison {
  readonly name: string;
  readonly measures: readonly Measure[];
  readonly setup: (context: Context) => Promise<Contest>;
}

/** Thrown by `setup` where a figure cannot be measured here, and nothing is wrong with what it measures. */
export class FigureSkipped extends Error {
  override readonly name = 'FigureSkipped';
}
