import type { CreateModuleOptions } from '@lockgate/testkit';
import type { Isolation, Plugin } from '../src/index.ts';
import { runtimeFor } from './open-plugin.ts';

/** Plugins as the suites of the testkit want them. */
export function subject(isolation: Isolation): (options: CreateModuleOptions) => Promise<Plugin> {
  return async ({ bytes, fetch, ...options }) => {
    const runtime = await runtimeFor(isolation).createRuntime({ isolation, fetch });
    return await runtime.loadPlugin(bytes, { ...options, http: { allow: ['backend.test'] } });
  };
}
