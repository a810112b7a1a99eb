import type { Aim, Context, Figure } from './figure.ts';
import { type Summary, summarise } from './statistics.ts';

const PAIRS = 15;
const QUICK_PAIRS = 5;
/** Quartiles further apart than this part of the median say more about the machine than about the code. */
const MOST_SPREAD = 0.5;

export type Verdict = 'met' | 'missed' | 'too noisy' | 'no aim';

export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly pairs: number;
  readonly baseline: Summary;
  readonly subject: Summary;
  /** Of the ratios within the pairs, not of the two medians: both halves of a pair saw the same machine. */
  readonly ratio: Summary;
  readonly aim?: Aim;
  readonly verdict: Verdict;
  readonly note?: string;
}

/** Measures one figure in pairs that alternate, and swaps which half goes first from pair to pair. */
export async function measure(
  figure: Figure,
  context: Context,
  progress: (done: string) => void,
): Promise<Measurement> {
  const pairs = context.quick ? QUICK_PAIRS : PAIRS;
  await using pair = await figure.setup(context);
  await pair.baseline(); // the first of each warms up and is thrown away
  await pair.subject();
  const baselines: number[] = [];
  const subjects: number[] = [];
  for (let index = 0; index < pairs; index++) {
    progress(`${index + 1}/${pairs}`);
    const baselineFirst = index % 2 === 0;
    if (baselineFirst) baselines.push(await settled(pair.baseline));
    subjects.push(await settled(pair.subject));
    if (!baselineFirst) baselines.push(await settled(pair.baseline));
  }
  return measurementOf({ ...figure, ...(pair.note && { note: pair.note }) }, baselines, subjects);
}

/** What the pairs came to; both lists are in the order in which they were measured. */
export function measurementOf(
  {
    name,
    unit,
    aim,
    note,
  }: { readonly name: string; readonly unit: string; readonly aim?: Aim; readonly note?: string },
  baselines: readonly number[],
  subjects: readonly number[],
): Measurement {
  const ratio = summarise(subjects.map((subject, index) => subject / (baselines[index] ?? Number.NaN)));
  return {
    name,
    unit,
    pairs: subjects.length,
    baseline: summarise(baselines),
    subject: summarise(subjects),
    ratio,
    ...(aim && { aim }),
    verdict: judge(ratio, aim),
    ...(note && { note }),
  };
}

/** Whether the aim is reached, or whether the spread forbids to say. */
export function judge(ratio: Summary, aim: Aim | undefined): Verdict {
  const spread = (ratio.high - ratio.low) / ratio.median;
  if (!(spread <= MOST_SPREAD)) return 'too noisy';
  if (!aim) return 'no aim';
  const reached = aim.better === 'lower' ? ratio.median <= aim.ratio : ratio.median >= aim.ratio;
  return reached ? 'met' : 'missed';
}

/** Runs on a heap without the rubbish of the run before. */
export async function settled<T>(run: () => Promise<T>): Promise<T> {
  globalThis.gc?.();
  return await run();
}
