import {
  type ModuleSuiteOptions,
  moduleAbortSuite,
  moduleCloseRaceSuite,
  moduleExchangeSuite,
  moduleExclusionSuite,
  moduleHammerSuite,
  moduleLifecycleSuite,
  moduleOrdersSuite,
  modulePoolSuite,
  moduleTrapSuite,
} from '../../src/index.ts';
import { testApi } from '../../src/vitest.ts';
import { ReferencePlugin } from '../reference/reference-plugin.ts';

const options: ModuleSuiteOptions = { create: async (given) => new ReferencePlugin(given) };

testApi.describe('the reference subject passes', () => {
  moduleExclusionSuite(testApi, options);
  moduleAbortSuite(testApi, options);
  moduleExchangeSuite(testApi, options);
  moduleLifecycleSuite(testApi, options);
  moduleCloseRaceSuite(testApi, options);
  moduleHammerSuite(testApi, options);
  moduleTrapSuite(testApi, options);
  modulePoolSuite(testApi, options);
  moduleOrdersSuite(testApi, options);
});
