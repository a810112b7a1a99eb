import type { CreateModuleOptions } from '@lockgate/testkit';
import type { Isolation, Plugin } from '../src/index.ts';
import { silentLogger } from '../src/logger.ts';
import { runtimeFor } from './open-plugin.ts';

/** Plugins as the suites of the testkit want them. */
export function subject(isolation: Isolation): (options: CreateModuleOptions) => Promise<Plugin> {
  return async ({ bytes, fetch, onWarning, ...options }) => {
    const logger = { ...silentLogger, warn: (_fields: object, sentence: string) => onWarning(sentence) };
    const runtime = await runtimeFor(isolation).createRuntime({ isolation, fetch, logger });
    return await runtime.loadPlugin(bytes, { ...options, http: { allow: ['backend.test'] } });
  };
}
