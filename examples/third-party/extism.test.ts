import {
  type ModuleAbility,
  moduleCloseRaceSuite,
  moduleExchangeSuite,
  moduleExclusionSuite,
  moduleHammerSuite,
  moduleLifecycleSuite,
  modulePoolSuite,
  moduleTrapSuite,
  setPatience,
} from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/node-test';
import { createExtism } from './extism-adapter.ts';

setPatience(2_000);

/** What Extism does not claim to have; the rest has to pass. */
const supports: Partial<Record<ModuleAbility, boolean>> = {
  signal: false,
  onStart: false,
  questions: false,
  configure: false,
  afterClose: false,
  turnsAway: false,
  dispose: false,
  liveBlocks: false,
  leaks: false,
  pool: false,
};

for (const [title, runInWorker, http] of [
  ['in a worker', true, true],
  ['in the foreground', false, false],
] as const) {
  testApi.describe(title, () => {
    const options = { create: createExtism(runInWorker), supports: { ...supports, http }, callers: 8, rounds: 3 };
    moduleExclusionSuite(testApi, options);
    moduleExchangeSuite(testApi, options);
    moduleLifecycleSuite(testApi, options);
    moduleCloseRaceSuite(testApi, options);
    moduleHammerSuite(testApi, options);
    moduleTrapSuite(testApi, options);
    modulePoolSuite(testApi, options);
  });
}
