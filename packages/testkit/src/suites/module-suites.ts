import type { TestApi } from '../test-api.ts';
import type { ModuleSuitesOptions } from './suite-subjects.ts';
import { SUITES } from './suite-table.ts';

/** Every module suite on one subject. */
export function moduleSuites(t: TestApi, options: ModuleSuitesOptions): void {
  for (const suite of SUITES) suite.declare(t, { module: options });
}
