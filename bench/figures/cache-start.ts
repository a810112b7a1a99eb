import type { Figure } from '../figure.ts';
import { type CacheRun, runOnce, warmUp } from '../subjects/cache-runs.ts';

type Measure = 'startToFirstMs' | 'firstCallMs' | 'wallMs';

const TITLES: Readonly<Record<Measure, string>> = {
  startToFirstMs: 'start to first result',
  firstCallMs: 'first call',
  wallMs: 'whole short process',
};
const NO_SLOWER = 1.05;

/** Factor to reach for each measure; those without one must just not be slower. Too small to cache: `cached: false`. */
const WORKLOADS: readonly {
  readonly name: string;
  readonly factors: Partial<Record<Measure, number>>;
  readonly cached?: false;
}[] = [
  { name: 'parser-0.2MB', factors: {}, cached: false },
  { name: 'language-runtime-0.5MB', factors: { startToFirstMs: 2 } },
  { name: 'database-1MB', factors: {} },
  { name: 'formatter-10MB', factors: { startToFirstMs: 7.5, firstCallMs: 13, wallMs: 13 } },
  { name: 'bundler-14MB', factors: { startToFirstMs: 5 } },
  { name: 'linter-45MB', factors: {} },
];

/**
 * To be so many times as fast, or not to be slower. A module too small for an entry is asked that of its whole process
 * only: opening a cache takes 1 to 2 ms, and its first result a few.
 */
function aimed(
  measure: Measure,
  factors: Partial<Record<Measure, number>>,
  cached: boolean,
): { aim?: { ratio: number; better: 'lower' } } {
  if (!cached && measure !== 'wallMs') return {};
  const factor = factors[measure];
  return { aim: { ratio: factor === undefined ? NO_SLOWER : Math.round(10_000 / factor) / 10_000, better: 'lower' } };
}

const figures: readonly Figure[] = WORKLOADS.flatMap(({ name, factors, cached = true }) =>
  (Object.keys(TITLES) as Measure[])
    .filter((measure) => measure !== 'firstCallMs' || factors[measure] !== undefined)
    .map((measure) => ({
      name: `cache-start of ${name}: ${TITLES[measure]}, with the disk cache against WebAssembly.compile`,
      unit: 'ms',
      ...aimed(measure, factors, cached),
      setup: async () => {
        const warm = await warmUp(name, cached);
        const once = async (directory: string): Promise<number> => {
          const run: CacheRun = await runOnce(name, directory);
          if (run.result !== warm.result) throw new Error(`${name} gave ${run.result} instead of ${warm.result}`);
          return run[measure];
        };
        return {
          baseline: () => once('plain'),
          subject: () => once(warm.path),
          note: cached
            ? 'fresh processes; all checks of the entry are part of it, reading the wasm file and loading JavaScript are not'
            : 'fresh processes; this size is not cached on disk, so the figure is what asking costs',
          [Symbol.asyncDispose]: async () => warm[Symbol.dispose](),
        };
      },
    })),
);

export default figures;
