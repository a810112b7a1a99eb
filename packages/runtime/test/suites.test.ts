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

function create(isolation: Isolation): (options: CreateModuleOptions) => Promise<Plugin> {
  return async ({ bytes, fetch, ...options }) => {
    const runtime = await createRuntime({ isolation, fetch });
    return await runtime.loadPlugin(bytes, { ...options, http: { allow: ['*'] } });
  };
}

for (const isolation of ['inline', 'worker'] as const) {
  describe(`a plugin ${isolation}`, () => {
    const options = { create: create(isolation) };
    moduleExclusionSuite({ describe, it }, options);
    moduleLifecycleSuite({ describe, it }, options);
    moduleExchangeSuite({ describe, it }, options);
    moduleTrapSuite({ describe, it }, options);
    modulePoolSuite({ describe, it }, options);
    moduleHammerSuite({ describe, it }, options);
    moduleCloseRaceSuite({ describe, it }, options);
  });
}
