import {
  type ModuleAbility,
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
import type { Isolation } from '../../src/index.ts';
import { subject } from '../subject.ts';
import { extismSuiteGuest, SUITE_TOOLS } from './suite-guest.ts';

// A plug-in for Extism has no name, no health and no allocator of its own, and cannot list its settings.
const supports: Readonly<Partial<Record<ModuleAbility, boolean | string>>> = {
  responses: 'the guest has no tool that tells its responses',
  questions: false,
  liveBlocks: false,
  leaks: false,
  warnings: false,
};
const inputSchema = { type: 'object', properties: { message: { type: 'string' } } };
const exports = Object.fromEntries(SUITE_TOOLS.map((name) => [name, { input: 'text' as const, inputSchema }]));

describe.each<Isolation>(['inline', 'worker'])('a plug-in for Extism %s', (isolation) => {
  const open = subject(isolation);
  const create: typeof open = (options) => {
    const bytes = extismSuiteGuest(options.guest);
    if (bytes === undefined) throw new Error(`there is no guest "${options.guest}" for Extism`);
    return open({ ...options, bytes }, { exports });
  };
  const options = { create, supports };
  moduleExclusionSuite(testApi, options);
  // A request that is given up ends the call inside the guest, which then does not say that it leaves.
  moduleAbortSuite(testApi, { create, supports: { ...supports, http: false } });
  moduleLifecycleSuite(testApi, options);
  moduleExchangeSuite(testApi, options);
  moduleTrapSuite(testApi, options);
  moduleOrdersSuite(testApi, { ...options, runs: 10 });
  modulePoolSuite(testApi, options);
  moduleHammerSuite(testApi, options);
});
