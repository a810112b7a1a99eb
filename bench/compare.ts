import type { Comparison, Context, Run } from './figure.ts';
import { type Measurement, measurementOf, settled } from './measure.ts';

const ROUNDS = 9;
const QUICK_ROUNDS = 3;
const WARM_UPS = 2;

/** Runs subject and references in turns; who goes first moves on from round to round. One row per measure and reference. */
export async function compare(
  comparison: Comparison,
  context: Context,
  progress: (done: string) => void,
): Promise<Measurement[]> {
  const rounds = context.quick ? QUICK_ROUNDS : ROUNDS;
  await using contest = await comparison.setup(context);
  const runs: readonly Run[] = [contest.subject, ...Object.values(contest.references)];
  const results: Awaited<ReturnType<Run>>[][] = runs.map(() => []);
  for (let index = context.quick ? -1 : -WARM_UPS; index < rounds; index++) {
    if (index >= 0) progress(`${index + 1}/${rounds}`);
    for (const place of runs.keys()) {
      const turn = (place + Math.max(index, 0)) % runs.length;
      const result = await settled(runs[turn] as Run);
      if (index >= 0) results[turn]?.push(result);
    }
  }
  const [subject = [], ...references] = results;
  const { note } = contest;
  return Object.keys(contest.references).flatMap((reference, index) =>
    comparison.measures.flatMap(({ key, title, unit }) => {
      const values = (list: typeof subject): number[] => list.map((result) => result[key] ?? Number.NaN);
      const [ours, theirs] = [values(subject), values(references[index] ?? [])];
      if (![...ours, ...theirs].every(Number.isFinite)) return [];
      const name = `${comparison.name}: ${title}, against ${reference}`;
      return [measurementOf({ name, unit, ...(note && { note }) }, theirs, ours)];
    }),
  );
}
