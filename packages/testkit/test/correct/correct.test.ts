import { type CreateModuleOptions, type ModuleAbility, moduleSuites } from '../../src/index.ts';
import { testApi } from '../../src/vitest.ts';
import { type Build, BuiltModule } from './built-module.ts';
import { openHere } from './guest.ts';
import { chain, consumers, queue } from './schedules.ts';
import { ThreadedGuest } from './threaded-guest.ts';

type Lacks = Partial<Record<ModuleAbility, false>>;

/** Modules that are right, each built in its own way: no suite may say otherwise. */
const BUILDS: readonly (readonly [title: string, build: Build, lacks: Lacks])[] = [
  ['a list and its consumers', { schedule: consumers, open: openHere }, {}],
  ['one instance per call', { schedule: chain, open: openHere, once: true }, { pool: false }],
  ['p-queue around plain guests', { schedule: queue, open: openHere }, {}],
  // A request of a guest in a thread does not tell from which call it comes.
  ['a pool of threads', { schedule: consumers, open: (needs) => new ThreadedGuest(needs) }, { reentry: false }],
];

for (const [title, build, supports] of BUILDS) {
  testApi.describe(title, () => {
    const options = {
      create: async (given: CreateModuleOptions) => new BuiltModule(given, build),
      supports,
    };
    moduleSuites(testApi, { ...options, rounds: 3, callers: 8, workers: 8, loops: 10, runs: 10 });
  });
}
