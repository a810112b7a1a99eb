import type { CreateModuleOptions } from '@lockgate/testkit';
import type { Isolation, Plugin, PluginOptions } from '../src/index.ts';
import { silentLogger } from '../src/logger.ts';
import { runtimeFor } from './open-plugin.ts';

/** Plugins as the suites of the testkit want them. */
export function subject(isolation: Isolation): (options: CreateModuleOptions, more?: PluginOptions) => Promise<Plugin> {
  return async ({ bytes, fetch, onWarning, ...options }, more) => {
    const logger = { ...silentLogger, warn: (_fields: object, sentence: string) => onWarning(sentence) };
    const runtime = await runtimeFor(isolation).createRuntime({ isolation, fetch, logger });
    return await runtime.loadPlugin(bytes, { ...options, ...more, http: { allow: ['backend.test'] } });
  };
}
