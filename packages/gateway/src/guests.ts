import { inspectModule, isComponent, LockgateError } from '@lockgate/abi';
import { openCache } from '@lockgate/cache';
import { createLoader, type Loader } from '@lockgate/loader';
import { type CommandOptions, createRuntime, readModule } from '@lockgate/runtime';
import { ClosingOrder } from './closing-order.ts';
import { grantsOf } from './config/guest-grants.ts';
import type { PluginEntry } from './config/modules-section.ts';
import { withoutUndefined } from './config/without-undefined.ts';
import type { Logger } from './logger.ts';
import type { LookedAt } from './modules/look-at-module.ts';
import { whyNotLoaded } from './modules/why-not-loaded.ts';
import { GuestChild } from './transport/guest-child.ts';
import { guestService } from './transport/guest-service.ts';
import type { GuestProgram, GuestStarter } from './transport/programs.ts';
import { CLIENT_FUNCTIONS } from './upstream/client-functions.ts';
import type { PluginHandle } from './upstream/plugin-handle.ts';
import { refuseTools } from './upstream/plugin-tools.ts';

export interface GuestsOptions {
  /** Where compiled modules are kept; memory when absent. */
  readonly cacheDirectory: string | undefined;
  readonly logger: Logger;
}

/** Everything that runs WebAssembly: one cache, one runtime, one loader. */
export interface Guests extends GuestStarter {
  readonly loader: Loader;
  loadPlugin(name: string, entry: PluginEntry): Promise<PluginHandle>;
  unload(name: string): Promise<void>;
  /** Gives the name of a plugin away; its handle goes on until it is closed. */
  release(name: string): void;
  /** Calls back after another version of a module has gone live. */
  onReload(listener: (name: string) => void): void;
  /** Closes guests before the runtime, and the runtime before the cache. */
  close(): Promise<void>;
}

export async function openGuests({ cacheDirectory, logger }: GuestsOptions): Promise<Guests> {
  await using opening = new ClosingOrder();
  const cache = opening.use(
    await openCache({ logger, ...(cacheDirectory !== undefined && { directory: cacheDirectory }) }),
  );
  const runtime = opening.use(await createRuntime({ cache, logger }));
  const loader = opening.use(createLoader({ runtime, logger }));
  const owned = opening.move();
  return {
    loader,
    loadPlugin: (name, entry) => told(loader.load(sourceOf(entry), loadOptions(name, entry)), 'plugin', entry),
    unload: (name) => loader.unload(name),
    release: (name) => loader.release(name),
    startServer: async (program, signal) => {
      const starting = runtime.startCommand(program.wasm, { ...commandOptions(program), signal });
      return new GuestChild(await told(starting, 'command', lookedAt(program)));
    },
    startService: async (program, signal) => {
      const starting = runtime.startService(program.wasm, { ...commandOptions(program), signal });
      return guestService(await told(starting, 'command', lookedAt(program)), program.tellsWords ?? (() => true));
    },
    speaks: howItSpeaks,
    onReload: (listener) => void loader.on('reloaded', ({ name }) => listener(name)),
    close: () => owned[Symbol.asyncDispose](),
  };
}

/** What is being loaded. @throws NotLoadedError where no other attempt can mend what is in the way */
async function told<T>(loading: Promise<T>, ...guest: [kind: 'plugin' | 'command', LookedAt]): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    throw await whyNotLoaded(error, ...guest);
  }
}

function lookedAt({ wasm, hosts, memoryCeilingBytes }: GuestProgram): LookedAt {
  return { path: wasm, hosts, limits: { memoryCeilingBytes } };
}

function commandOptions({
  wasm: _,
  hosts,
  redact: _redact,
  tellsWords: _told,
  ...options
}: GuestProgram): CommandOptions {
  return withoutUndefined({ ...options, http: { allow: hosts } });
}

/** A file that cannot be read is told of when it is started. */
async function howItSpeaks(file: string): Promise<'stdio' | 'http'> {
  const bytes = await readModule(file).catch(() => undefined);
  if (bytes === undefined || !isComponent(bytes)) return 'stdio';
  try {
    return inspectModule(bytes).component?.serves ?? 'stdio';
  } catch (error) {
    if (LockgateError.isInstance(error)) return 'stdio';
    throw error;
  }
}

function sourceOf({ path, url }: PluginEntry): string | URL {
  return url === undefined ? (path as string) : new URL(url);
}

function loadOptions(name: string, entry: PluginEntry): Parameters<Loader['load']>[1] {
  const { limits, settings, exports, watch, requireHealthy, sha256, instances, isolation } = entry;
  const { hosts, storage, env } = grantsOf(entry);
  const probe = async (plugin: Pick<PluginHandle, 'tools'>): Promise<void> =>
    refuseTools((await plugin.tools()) ?? [], exports !== undefined);
  return withoutUndefined({
    ...limits,
    functions: CLIENT_FUNCTIONS,
    probe,
    name,
    settings,
    exports,
    http: { allow: hosts },
    storage,
    env,
    watch,
    requireHealthy,
    sha256,
    instances,
    isolation,
  });
}
