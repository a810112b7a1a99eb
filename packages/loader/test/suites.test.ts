import type { Isolation, Plugin } from '@lockgate/runtime';
import {
  type CreateModuleOptions,
  hotReloadSuite,
  moduleAbortSuite,
  moduleCloseRaceSuite,
  moduleExchangeSuite,
  moduleExclusionSuite,
  moduleHammerSuite,
  moduleLifecycleSuite,
  modulePoolSuite,
  moduleTrapSuite,
  type ReloadSubject,
} from '@lockgate/testkit';
import { describe, it } from 'vitest';
import { createLoader, type Loader } from '../src/index.ts';
import { isolations, openRuntime, REACH } from './stage.ts';

/** A handle of a loader of its own: whoever passes these suites as a plugin may stand in for one. */
async function load(
  isolation: Isolation,
  { bytes, fetch, onWarning, ...options }: CreateModuleOptions,
): Promise<Loaded> {
  const quiet = (): void => {};
  const warn = (_fields: object, sentence: string): void => onWarning(sentence);
  const logger = { debug: quiet, info: quiet, warn, error: quiet };
  const runtime = await openRuntime({ isolation, fetch, logger });
  const loader = createLoader({ runtime, logger });
  return { loader, plugin: await loader.load(bytes, { ...REACH, ...options }) };
}

interface Loaded {
  readonly loader: Loader;
  readonly plugin: Plugin;
}

async function createReloadable(isolation: Isolation, options: CreateModuleOptions): Promise<ReloadSubject> {
  const { loader, plugin } = await load(isolation, options);
  let versions = 1;
  loader.on('reloaded', () => {
    versions += 1;
  });
  loader.on('drained', () => {
    versions -= 1;
  });
  return {
    plugin,
    swap: ({ bytes }) => loader.reload('versioned', bytes).then(() => undefined),
    rollback: () => loader.rollback('versioned').then(() => undefined),
    versions: () => versions,
    close: () => loader.close(),
  };
}

describe.each(isolations)('on a handle (%s)', (isolation) => {
  const api = { describe, it };
  const create = async (options: CreateModuleOptions): Promise<Plugin> => (await load(isolation, options)).plugin;
  moduleExclusionSuite(api, { create });
  moduleAbortSuite(api, { create });
  moduleLifecycleSuite(api, { create });
  moduleExchangeSuite(api, { create });
  moduleTrapSuite(api, { create });
  modulePoolSuite(api, { create });
  moduleHammerSuite(api, { create });
  moduleCloseRaceSuite(api, { create, rounds: isolation === 'inline' ? 100 : 10 });
  hotReloadSuite(api, { create: (options) => createReloadable(isolation, options) });
});
