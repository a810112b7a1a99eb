import { encodeHttpFailure } from '@lockgate/abi';
import { type CompilationCache, openCache } from '@lockgate/cache';
import { backendCalls } from './guard/backend-calls.ts';
import type { Guard } from './guard/guard.ts';
import { GuardModule } from './guard/guard-module.ts';
import { AddressPolicy } from './host/address-policy.ts';
import { HttpHost } from './host/http-request.ts';
import { Lifecycle } from './instance/lifecycle.ts';
import { loadModule } from './load-module.ts';
import { type Logger, silentLogger } from './logger.ts';
import { openModule } from './open-module.ts';
import {
  type GuardOptions,
  type ModuleSource,
  type PluginOptions,
  type RuntimeOptions,
  resolveInstances,
  resolveIsolation,
  resolveLimits,
} from './options.ts';
import type { Plugin } from './plugin/plugin.ts';
import { PluginIdentity, PluginModule, settingsPrimer } from './plugin/plugin-module.ts';

/** Loads guests and owns all that runs because of them. */
export interface Runtime extends AsyncDisposable {
  /**
   * Loads a plugin, with its first instances running and their settings accepted.
   *
   * @throws RUNTIME_LINK, RUNTIME_MEMORY_CEILING, RUNTIME_JSPI_MISSING, RUNTIME_GUEST_TRAP from the start-up,
   * RUNTIME_CONFIGURE_REJECTED, TypeError for bad options, and errors of the file system.
   */
  loadPlugin(source: ModuleSource, options?: PluginOptions): Promise<Plugin>;
  /**
   * Loads a guard, with its first instances running. Stack traces of its traps call the module by its name.
   *
   * @throws RUNTIME_LINK, RUNTIME_MEMORY_CEILING, RUNTIME_JSPI_MISSING, RUNTIME_GUEST_TRAP from the start-up, TypeError
   * for bad options, and errors of the file system.
   */
  loadGuard(source: ModuleSource, options: GuardOptions): Promise<Guard>;
  /** Closes every module it loaded, then its cache. Idempotent and shared. @throws AggregateError of what failed. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a runtime; nothing runs in it yet. @throws TypeError for bad options. */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const logger = options.logger ?? silentLogger;
  resolveLimits({}, options, 'plugin');
  resolveIsolation(options.isolation, 'worker');
  const ownCache = options.cache === undefined ? await openCache() : undefined;
  return new GuestRuntime(options, logger, ownCache);
}

/** Guards have no HTTP; the linker has refused a guard that imports it. */
const refuseHttp = async (): Promise<string> => encodeHttpFailure('guards have no HTTP');
const UNNAMED_GUARD = 'guard';

interface Closable {
  close(): Promise<void>;
}

class GuestRuntime implements Runtime {
  readonly #options: RuntimeOptions;
  readonly #logger: Logger;
  readonly #cache: CompilationCache;
  readonly #ownCache: CompilationCache | undefined;
  readonly #modules: Set<Closable> = new Set();
  readonly #lifecycle: Lifecycle = new Lifecycle();

  constructor(options: RuntimeOptions, logger: Logger, ownCache: CompilationCache | undefined) {
    this.#options = options;
    this.#logger = logger;
    this.#ownCache = ownCache;
    this.#cache = (options.cache ?? ownCache) as CompilationCache;
  }

  async loadPlugin(source: ModuleSource, options: PluginOptions = {}): Promise<Plugin> {
    const limits = resolveLimits(options, this.#options, 'plugin');
    const instances = resolveInstances(options.instances);
    const isolation = resolveIsolation(options.isolation ?? this.#options.isolation, 'worker');
    const policy = new AddressPolicy(options.http?.allow);
    this.#requireOpen();

    const { memoryCeilingBytes } = limits;
    const { module, report, origin } = await loadModule({
      ...{ source, abi: 'plugin', name: options.name, isNamed: false, memoryCeilingBytes, cache: this.#cache },
    });
    const identity = new PluginIdentity(options.name, origin);
    const name = (): string => identity.label;
    const http = new HttpHost({
      policy,
      fetch: this.#options.fetch,
      lookup: this.#options.lookup,
      maxResponseBytes: limits.maxHttpResponseBytes,
      maxConcurrent: limits.maxConcurrentHttp,
    });
    const locked = await openModule({
      ...{ module, abi: 'plugin', name, isolation, limits, instances },
      logger: this.#logger,
      services: { http: (request, signal) => http.request(request, signal) },
      release: () => http.close(),
      onGuestLog: options.onGuestLog,
      primer: options.settings && settingsPrimer(options.settings, name),
    });
    const hasCompactSpecs = report.exports.some((entry) => entry.name === 'compact_specs' && entry.kind === 'function');
    return await this.#own(new PluginModule(locked, identity, { hasCompactSpecs }));
  }

  async loadGuard(source: ModuleSource, options: GuardOptions): Promise<Guard> {
    const limits = resolveLimits(options, this.#options, 'guard');
    const instances = resolveInstances(options.instances);
    const isolation = resolveIsolation(options.isolation ?? this.#options.isolation, 'worker');
    if (typeof options.callBackend !== 'function') {
      throw new TypeError(`Expected "callBackend" to be a function, got ${typeof options.callBackend}.`);
    }
    const guardName = options.name || UNNAMED_GUARD;
    const name = (): string => guardName;
    this.#requireOpen();

    const { memoryCeilingBytes } = limits;
    const { module } = await loadModule({
      ...{ source, abi: 'guard', name: guardName, isNamed: true, memoryCeilingBytes, cache: this.#cache },
    });
    const locked = await openModule({
      ...{ module, abi: 'guard', name, isolation, limits, instances },
      logger: this.#logger,
      services: { http: refuseHttp, backend: backendCalls(options.callBackend) },
      release: async () => {},
      onGuestLog: options.onGuestLog,
    });
    return await this.#own(new GuardModule(locked, guardName));
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      const closed = await Promise.allSettled([...this.#modules].map((module) => module.close()));
      const cache = await Promise.allSettled([this.#ownCache?.close()]);
      const errors = [...closed, ...cache].flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      if (errors.length > 0) throw new AggregateError(errors, 'The runtime is closed, but not all of it in order.');
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Remembers a module until the runtime closes; one that became ready too late is closed at once. */
  async #own<M extends Closable>(module: M): Promise<M> {
    if (!this.#lifecycle.isOpen) {
      await module.close();
      this.#requireOpen();
    }
    this.#modules.add(module);
    return module;
  }

  #requireOpen(): void {
    if (!this.#lifecycle.isOpen) throw new TypeError('The runtime is closed: make another one to load modules.');
  }
}
