import {
  type CreateModuleOptions,
  moduleCloseRaceSuite,
  moduleExchangeSuite,
  moduleExclusionSuite,
  moduleHammerSuite,
  moduleLifecycleSuite,
  modulePoolSuite,
  moduleTrapSuite,
} from '@lockgate/testkit';
import { describe, it } from 'vitest';
import { createRuntime, type Isolation, type Plugin } from '../src/index.ts';
import { built } from './built-runtime.ts';

function create(isolation: Isolation, from: typeof createRuntime): (options: CreateModuleOptions) => Promise<Plugin> {
  return async ({ bytes, fetch, ...options }) => {
    const runtime = await from({ isolation, fetch });
    return await runtime.loadPlugin(bytes, { ...options, http: { allow: ['backend.test'] } });
  };
}

describe.each([
  ['inline', createRuntime],
  ['worker', built.createRuntime],
] as const)('a plugin %s', (isolation, from) => {
  const options = { create: create(isolation, from) };
  moduleExclusionSuite({ describe, it }, options);
  moduleLifecycleSuite({ describe, it }, options);
  moduleExchangeSuite({ describe, it }, options);
  moduleTrapSuite({ describe, it }, options);
  modulePoolSuite({ describe, it }, options);
  moduleHammerSuite({ describe, it }, options);
});

describe.each([
  ['inline', createRuntime],
  ['worker', built.createRuntime],
] as const)('close of a plugin %s', (isolation, from) => {
  moduleCloseRaceSuite({ describe, it }, { create: create(isolation, from), rounds: 200, callers: 64 });
});
