import type { TestApi } from '../test-api.ts';
import { moduleAbortSuite } from './module-abort.ts';
import { type CloseRaceOptions, moduleCloseRaceSuite } from './module-close-race.ts';
import { moduleExchangeSuite } from './module-exchange.ts';
import { moduleExclusionSuite } from './module-exclusion.ts';
import { type HammerSuiteOptions, moduleHammerSuite } from './module-hammer.ts';
import { moduleLifecycleSuite } from './module-lifecycle.ts';
import { moduleOrdersSuite, type OrdersSuiteOptions } from './module-orders.ts';
import { modulePoolSuite } from './module-pool.ts';
import { moduleTrapSuite, type TrapSuiteOptions } from './module-traps.ts';

/** The options of all module suites. */
export type ModuleSuitesOptions = CloseRaceOptions & HammerSuiteOptions & OrdersSuiteOptions & TrapSuiteOptions;

/** Every module suite on one subject. */
export function moduleSuites(t: TestApi, options: ModuleSuitesOptions): void {
  moduleExclusionSuite(t, options);
  moduleAbortSuite(t, options);
  moduleExchangeSuite(t, options);
  moduleLifecycleSuite(t, options);
  moduleCloseRaceSuite(t, options);
  moduleHammerSuite(t, options);
  moduleTrapSuite(t, options);
  modulePoolSuite(t, options);
  moduleOrdersSuite(t, options);
}
