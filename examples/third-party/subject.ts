import type { SuiteSubjects } from '@lockgate/testkit';
import { createExtism, extismSupports } from './extism-adapter.ts';

/** For `lockgate-testkit subject.ts`: a plugin of Extism in a worker, without a test runner. */
export default {
  module: { create: createExtism(true), supports: extismSupports, callers: 8, rounds: 3 },
} satisfies SuiteSubjects;
