import type { Figure } from './figure.ts';
import { summarise } from './statistics.ts';

const PAIRS = 15;
const QUICK_PAIRS = 5;
/** Quartiles further apart than this part of the median say more about the machine than about the code. */
const MOST_SPREAD = 0.5;

export type Verdict = 'met' | 'missed' | 'too noisy' | 'no aim';

export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly pairs: number;
  readonly baseline: number;
  readonly subject: number;
  /** Of the ratios within the pairs, not of the two medians: both halves of a pair saw the same machine. */
  readonly ratio: { readonly median: number; readonly low: number; readonly high: number };
  readonly aim?: Figure['aim'];
  readonly verdict: Verdict;
  readonly note?: string;
}

/** Measures one figure in pairs that alternate, and swaps which half goes first from pair to pair. */
export async function measure(figure: Figure, quick: boolean, progress: (done: string) => void): Promise<Measurement> {
  const pairs = quick ? QUICK_PAIRS : PAIRS;
  await using pair = await figure.setup({ quick });
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
  const ratio = summarise(subjects.map((subject, index) => subject / (baselines[index] ?? Number.NaN)));
  return {
    name: figure.name,
    unit: figure.unit,
    pairs,
    baseline: summarise(baselines).median,
    subject: summarise(subjects).median,
    ratio,
    ...(figure.aim && { aim: figure.aim }),
    verdict: judge(ratio, figure.aim),
    ...(pair.note && { note: pair.note }),
  };
}

/** Whether the aim is reached, or whether the spread forbids to say. */
export function judge(ratio: Measurement['ratio'], aim: Figure['aim']): Verdict {
  const spread = (ratio.high - ratio.low) / ratio.median;
  if (!(spread <= MOST_SPREAD)) return 'too noisy';
  if (!aim) return 'no aim';
  const reached = aim.better === 'lower' ? ratio.median <= aim.ratio : ratio.median >= aim.ratio;
  return reached ? 'met' : 'missed';
}

async function settled(run: () => Promise<number>): Promise<number> {
  globalThis.gc?.();
  return await run();
}
