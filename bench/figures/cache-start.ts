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

const figures: readonly Figure[] = WORKLOADS.flatMap(({ name, factors, cached = true }) =>
  (Object.keys(TITLES) as Measure[])
    .filter((measure) => measure !== 'firstCallMs' || factors[measure] !== undefined)
    .map((measure) => ({
      name: `cache-start of ${name}: ${TITLES[measure]}, with the disk cache against WebAssembly.compile`,
      unit: 'ms',
      aim: { ratio: factors[measure] === undefined ? NO_SLOWER : 1 / factors[measure], better: 'lower' as const },
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
