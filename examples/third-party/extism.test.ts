import {
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
import { createExtism, extismSupports } from './extism-adapter.ts';

setPatience(2_000);

for (const [title, runInWorker, http] of [
  ['in a worker', true, true],
  ['in the foreground', false, false],
] as const) {
  testApi.describe(title, () => {
    const options = { create: createExtism(runInWorker), supports: { ...extismSupports, http }, callers: 8, rounds: 3 };
    moduleExclusionSuite(testApi, options);
    moduleExchangeSuite(testApi, options);
    moduleLifecycleSuite(testApi, options);
    moduleCloseRaceSuite(testApi, options);
    moduleHammerSuite(testApi, options);
    moduleTrapSuite(testApi, options);
    modulePoolSuite(testApi, options);
  });
}
