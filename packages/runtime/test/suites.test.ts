import {
  moduleAbortSuite,
  moduleExchangeSuite,
  moduleExclusionSuite,
  moduleHammerSuite,
  moduleLifecycleSuite,
  moduleOrdersSuite,
  modulePoolSuite,
  moduleTrapSuite,
} from '@lockgate/testkit';
import { testApi } from '@lockgate/testkit/vitest';
import { describe } from 'vitest';
import type { Isolation } from '../src/index.ts';
import { subject } from './subject.ts';

describe.each<Isolation>(['inline', 'worker'])('a plugin %s', (isolation) => {
  const options = { create: subject(isolation) };
  moduleExclusionSuite(testApi, options);
  moduleAbortSuite(testApi, options);
  moduleLifecycleSuite(testApi, options);
  moduleExchangeSuite(testApi, options);
  moduleTrapSuite(testApi, options);
  moduleOrdersSuite(testApi, { ...options, runs: 10 });
  modulePoolSuite(testApi, options);
  moduleHammerSuite(testApi, options);
  describe('in a pool', () => {
    moduleHammerSuite(testApi, { ...options, instances: { min: 2, max: 4 } });
  });
});
