import {
  COMMAND_CEILING_BYTES,
  type CompiledComponent,
  capabilityOf,
  type Dialect,
  encodeHttpFailure,
  type GuestRole,
  type ServerEntryPoint,
} from '@lockgate/abi';
import { type CompilationCache, openCache } from '@lockgate/cache';
import type { Command, CommandOptions } from './command/command.ts';
import { CommandThread } from './command/command-thread.ts';
import { loadCommand } from './command/load-command.ts';
import { requireSuspension, started } from './command/started.ts';
import { backendCalls } from './guard/backend-calls.ts';
import type { Guard } from './guard/guard.ts';
import { GuardModule } from './guard/guard-module.ts';
import { AddressPolicy } from './host/address-policy.ts';
import { boundedFunctions } from './host/bounded-functions.ts';
import { HttpHost } from './host/http-request.ts';
import { placeGrants } from './host/wasi/place-grants.ts';
import type { Instance } from './instance/instance.ts';
import { Lifecycle } from './instance/lifecycle.ts';
import type { LockedModule } from './instance/locked-module.ts';
import { LoopTurns } from './isolate/loop-turns.ts';
import { type ThreadPool, Threads } from './isolate/threads.ts';
import { type CompiledModule, loadModule, originOf } from './load-module.ts';
import { type Logger, silentLogger } from './logger.ts';
import { type ModuleRecipe, openModule } from './open-module.ts';
import {
  type GuardOptions,
  type ModuleSource,
  type PluginOptions,
  type ResolvedLimits,
  type RuntimeOptions,
  resolveDialects,
  resolveInstances,
  resolveIsolation,
  resolveLimits,
} from './options.ts';
import { codecOf } from './plugin/codec-of.ts';
import type { Plugin } from './plugin/plugin.ts';
import { PluginIdentity, PluginModule, settingsPrimer } from './plugin/plugin-module.ts';
import type { Service } from './service/service.ts';
import { ServiceThread } from './service/service-thread.ts';

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
  /**
   * Starts a command of WASI preview 1, or a component that exports `wasi:cli/run`, which reads its standard input and writes to its standard output until it ends.
   *
   * @throws RUNTIME_LINK, RUNTIME_MEMORY_CEILING, RUNTIME_STORAGE, TypeError for bad options, the reason of its signal, and errors of the file system.
   */
  startCommand(source: ModuleSource, options?: CommandOptions): Promise<Command>;
  /**
   * Starts a component that exports `wasi:http/incoming-handler`. Each request has an instance of its own; so many as there is room for are answered at
   * the same time. One whose first instance fails has ended of that.
   *
   * @throws RUNTIME_LINK, where this engine cannot suspend WebAssembly as well; RUNTIME_MEMORY_CEILING, RUNTIME_STORAGE,
   * TypeError for bad options, the reason of its signal, and errors of the file system.
   */
  startService(source: ModuleSource, options?: CommandOptions): Promise<Service>;
  /** Closes every module it loaded, then its cache. Idempotent and shared. @throws AggregateError of what failed. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a runtime; nothing runs in it yet. @throws TypeError for bad options. */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const logger = options.logger ?? silentLogger;
  resolveLimits({}, options);
  const dialects = resolveDialects(options.dialects);
  resolveIsolation(options.isolation, 'worker');
  const ownCache = options.cache === undefined ? await openCache() : undefined;
  return new GuestRuntime(options, dialects, logger, ownCache);
}

/** Guards have no HTTP; the linker has refused a guard that imports it. */
const refuseHttp = async (): Promise<string> => encodeHttpFailure('denied', 'guards have no HTTP');
const UNNAMED_GUARD = 'guard';

type ModuleSettings = Pick<ModuleRecipe, 'limits' | 'instances' | 'isolation'>;

class GuestRuntime implements Runtime {
  readonly #options: RuntimeOptions;
  readonly #dialects: readonly Dialect[];
  readonly #logger: Logger;
  readonly #cache: CompilationCache;
  readonly #ownCache: CompilationCache | undefined;
  readonly #modules: Set<LockedModule> = new Set();
  readonly #commands: Set<Command | Service> = new Set();
  readonly #threads: Threads = new Threads((pool, idleMs) => this.#parkOne(pool, idleMs));
  readonly #turns: LoopTurns = new LoopTurns();
  readonly #closing: AbortController = new AbortController();
  readonly #loading: Set<Promise<unknown>> = new Set();
  readonly #lifecycle: Lifecycle = new Lifecycle();

  constructor(
    options: RuntimeOptions,
    dialects: readonly Dialect[],
    logger: Logger,
    ownCache: CompilationCache | undefined,
  ) {
    this.#options = options;
    this.#dialects = dialects;
    this.#logger = logger;
    this.#ownCache = ownCache;
    this.#cache = (options.cache ?? ownCache) as CompilationCache;
  }

  loadPlugin(source: ModuleSource, options: PluginOptions = {}): Promise<Plugin> {
    return this.#track(this.#loadPlugin(source, options));
  }

  loadGuard(source: ModuleSource, options: GuardOptions): Promise<Guard> {
    return this.#track(this.#loadGuard(source, options));
  }

  startCommand(source: ModuleSource, options: CommandOptions = {}): Promise<Command> {
    return this.#track(this.#startCommand(source, options));
  }

  startService(source: ModuleSource, options: CommandOptions = {}): Promise<Service> {
    return this.#track(this.#startService(source, options));
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      this.#closing.abort(closedError());
      const closed = await Promise.allSettled([
        ...[...this.#modules].map((module) => module.close()),
        ...[...this.#commands].map((command) => command.end()),
      ]);
      await Promise.allSettled(this.#loading); // a module that gets ready only now is closed by its own load
      const rest = await Promise.allSettled([this.#threads.close(), this.#ownCache?.close()]);
      const errors = [...closed, ...rest].flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      if (errors.length > 0) throw new AggregateError(errors, 'The runtime is closed, but not all of it in order.');
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #loadPlugin(source: ModuleSource, options: PluginOptions): Promise<Plugin> {
    const resolved = this.#resolve(options);
    const policy = new AddressPolicy(options.http?.allow);
    const { module: compiled, dialect, report, origin } = await this.#compile('plugin', source, options, resolved);
    const { env = {} } = options;
    const storage = await placeGrants(origin, options.storage ?? []);
    const codec = codecOf(dialect, report, options, origin);
    const identity = new PluginIdentity(options.name, origin);
    const name = (): string => identity.label;
    const primer = options.settings && settingsPrimer(codec, options.settings, name);
    const http = this.#httpHost(policy, resolved.limits);
    const module = await openModule({
      ...resolved,
      ...{ module: compiled, dialect, name, primer, logger: this.#logger },
      ...{ threads: this.#threads, turns: this.#turns, signal: this.#closing.signal },
      services: {
        http: (request, signal) => http.request(request, signal),
        refuseHttp: policy.grantsNothing ? (request) => http.refuse(request) : undefined,
        functions: boundedFunctions(options.functions, resolved.limits.maxMessageBytes),
      },
      grants: { storage, env },
      release: (closed) => this.#release(closed, http),
      onGuestLog: options.onGuestLog,
      onFailure: options.onFailure,
    });
    await this.#own(module);
    for (const note of report.notes ?? []) this.#logger.warn({ module: identity.label }, note);
    const usesFunctions = report.imports.some((asked) => capabilityOf(dialect, asked) === 'functions');
    return new PluginModule(module, identity, codec, usesFunctions);
  }

  async #loadGuard(source: ModuleSource, options: GuardOptions): Promise<Guard> {
    const resolved = this.#resolve(options);
    if (typeof options.callBackend !== 'function') {
      throw new TypeError(`Expected "callBackend" to be a function, got ${typeof options.callBackend}.`);
    }
    const guardName = options.name || UNNAMED_GUARD;
    const { module: compiled, dialect } = await this.#compile('guard', source, { name: guardName }, resolved);
    const name = (): string => guardName;
    const module = await openModule({
      ...resolved,
      ...{ module: compiled, dialect, name, logger: this.#logger },
      ...{ threads: this.#threads, turns: this.#turns, signal: this.#closing.signal },
      services: { http: refuseHttp, backend: backendCalls(options.callBackend) },
      release: (closed) => this.#release(closed),
      onGuestLog: options.onGuestLog,
      onFailure: options.onFailure,
    });
    await this.#own(module);
    return new GuardModule(module, guardName, dialect.codec);
  }

  async #startCommand(source: ModuleSource, options: CommandOptions): Promise<Command> {
    const { callTimeoutMs, place, ...setup } = await this.#prepare(source, options, 'stdio');
    const { http } = place;
    return this.#ownCommand(await started(() => new CommandThread(setup, callTimeoutMs, http.request), place), http);
  }

  async #startService(source: ModuleSource, options: CommandOptions): Promise<Service> {
    const { callTimeoutMs, place, ...loaded } = await this.#prepare(source, options, 'http');
    const { http, module } = place;
    requireSuspension(module);
    const setup = { ...loaded, code: loaded.code as CompiledComponent };
    return this.#ownCommand(await started(() => new ServiceThread(setup, callTimeoutMs, http.request), place), http);
  }

  /** Loads the code of a whole server, and what it is started with. */
  async #prepare(source: ModuleSource, options: CommandOptions, serves: ServerEntryPoint) {
    this.#requireOpen();
    const { memoryCeilingBytes: ceiling = COMMAND_CEILING_BYTES, callTimeoutMs: timeoutMs } = options;
    const given = { memoryCeilingBytes: ceiling, ...(timeoutMs === undefined ? {} : { callTimeoutMs: timeoutMs }) };
    const limits = resolveLimits(given, {});
    const { args = [], env = {}, http: { allow: hosts = [] } = {} } = options;
    const hasKeyValue = options.keyValue === 'memory';
    const name = options.name ?? originOf(source, 'command');
    const policy = new AddressPolicy(hosts);
    const { callTimeoutMs } = limits;
    const code = await loadCommand({
      ...{ source, name, serves, memoryCeilingBytes: ceiling },
      ...{ hasHosts: !policy.grantsNothing, hasKeyValue, cache: this.#cache, onNote: this.#notes(name) },
    });
    const storage = await placeGrants(name, options.storage ?? []);
    this.#requireOpen();
    const host = this.#httpHost(policy, limits);
    const http = {
      request: (request: string, signal: AbortSignal) => host.request(request, signal),
      close: () => host.close(),
    };
    const granted = { args: [name, ...args], env, storage, hasKeyValue, hosts, mostRequests: limits.maxConcurrentHttp };
    const signals = [this.#closing.signal, ...(options.signal ? [options.signal] : [])];
    const place = { module: name, http, signals };
    return { code, memoryCeilingBytes: ceiling, ...granted, callTimeoutMs, place };
  }

  /** Ends it with the runtime; one that became ready after the runtime's own close is ended at once. */
  async #ownCommand<T extends Command | Service>(command: T, http: { close(): Promise<void> }): Promise<T> {
    this.#commands.add(command);
    void command.ended.then(() => {
      this.#commands.delete(command);
      return http.close();
    });
    if (!this.#lifecycle.isOpen) {
      await command.end();
      this.#requireOpen();
    }
    return command;
  }

  #notes(module: string): (sentence: string) => void {
    return (sentence) => this.#logger.warn({ module }, sentence);
  }

  #compile<R extends GuestRole>(
    role: R,
    source: ModuleSource,
    { name, exports }: Pick<PluginOptions, 'name' | 'exports'>,
    settings: ModuleSettings,
  ): Promise<CompiledModule<R>> {
    const { memoryCeilingBytes } = settings.limits;
    const found = (dialect: Dialect): void => this.#threads.prepareFor(dialect, settings);
    const known = { source, role, name, memoryCeilingBytes, dialects: this.#dialects };
    const onNote = this.#notes(name ?? originOf(source, role));
    const hasToldTools = exports !== undefined;
    return loadModule({ ...known, hasToldTools, cache: this.#cache, onNote, onFound: found });
  }

  #httpHost(policy: AddressPolicy, limits: ResolvedLimits): HttpHost {
    const { fetch, lookup } = this.#options;
    return new HttpHost({
      ...{ policy, fetch, lookup, maxMessageBytes: limits.maxMessageBytes },
      ...{ maxResponseBytes: limits.maxHttpResponseBytes, maxConcurrent: limits.maxConcurrentHttp },
    });
  }

  #resolve(options: PluginOptions | GuardOptions): ModuleSettings {
    this.#requireOpen();
    return {
      limits: resolveLimits(options, this.#options),
      instances: resolveInstances(options.instances),
      isolation: resolveIsolation(options.isolation ?? this.#options.isolation, 'worker'),
    };
  }

  async #track<T>(load: Promise<T>): Promise<T> {
    this.#loading.add(load);
    try {
      return await load;
    } finally {
      this.#loading.delete(load);
    }
  }

  /** Remembers a module until it closes; one that became ready after the runtime's own close is closed at once. */
  async #own(module: LockedModule): Promise<void> {
    this.#modules.add(module);
    if (this.#lifecycle.isOpen) {
      this.#threads.noteIdle();
      return;
    }
    await module.close(0);
    this.#requireOpen();
  }

  /** Of all modules the guest that was called least recently, and has idled for so long, leaves its thread. */
  #parkOne(pool: ThreadPool, idleMs: number): Promise<void> | undefined {
    let found: { readonly module: LockedModule; readonly instance: Instance; readonly idleMs: number } | undefined;
    const now = performance.now();
    for (const module of this.#modules) {
      const instance = module.longestIdle(pool);
      if (instance === undefined) continue;
      const idle = instance.wasCalled ? now - instance.idleSinceMs : Number.POSITIVE_INFINITY;
      if (idle >= (found?.idleMs ?? idleMs)) found = { module, instance, idleMs: idle };
    }
    return found?.module.park(found.instance);
  }

  async #release(module: LockedModule, http?: HttpHost): Promise<void> {
    this.#modules.delete(module);
    await http?.close();
  }

  #requireOpen(): void {
    if (!this.#lifecycle.isOpen) throw closedError();
  }
}

function closedError(): TypeError {
  return new TypeError('The runtime is closed: make another one to load modules.');
}
