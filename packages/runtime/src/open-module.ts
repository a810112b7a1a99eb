import { type Dialect, type GuestLogLevel, waitingImport } from '@lockgate/abi';
import { componentWaits } from './component/component-waits.ts';
import { JspiMissingError } from './errors.ts';
import type { GuestCode } from './guest/guest.ts';
import { guestLines } from './host/guest-lines.ts';
import type { LogSink } from './host/guest-log.ts';
import { HostCalls, type HostServices, waitsOf } from './host/host-calls.ts';
import { canSuspend } from './host/suspend.ts';
import { Instance } from './instance/instance.ts';
import { LockedModule, type Primer } from './instance/locked-module.ts';
import { InlineIsolate } from './isolate/inline.ts';
import type { IsolateSetup } from './isolate/isolate.ts';
import type { LoopTurns } from './isolate/loop-turns.ts';
import type { Threads } from './isolate/threads.ts';
import { WorkerIsolate } from './isolate/worker.ts';
import { requireReachable } from './isolate/worker-dialect.ts';
import type { Logger } from './logger.ts';
import type { GuestFailure, InstanceCount, Isolation, ResolvedLimits, WasiGrants } from './options.ts';

const NO_GRANTS: WasiGrants = { storage: [], env: {} };

/** What a module is opened with, once it is compiled. */
export interface ModuleRecipe {
  readonly module: GuestCode;
  readonly dialect: Dialect;
  /** Its name in errors and logs; may become known later. */
  readonly name: () => string;
  readonly isolation: Isolation;
  readonly limits: ResolvedLimits;
  readonly instances: Required<InstanceCount>;
  readonly logger: Logger;
  readonly services: HostServices;
  /** What it has of this machine. @default nothing */
  readonly grants?: WasiGrants;
  /** Where the threads of workers come from. */
  readonly threads: Threads;
  /** Of the loop that those compute in which run inline. */
  readonly turns: LoopTurns;
  /** Called when it has closed. */
  readonly release: (module: LockedModule) => Promise<void>;
  readonly onGuestLog: ((level: GuestLogLevel, line: string) => void) | undefined;
  readonly onFailure: ((failure: GuestFailure) => void) | undefined;
  readonly primer?: Primer | undefined;
  /** Ends the opening, and later starts of instances. */
  readonly signal: AbortSignal;
}

/**
 * Opens a module in its isolation, with its first instances running.
 *
 * @throws RUNTIME_JSPI_MISSING, RUNTIME_LINK, RUNTIME_GUEST_TRAP from the start-up, what the primer means, and a TypeError
 * for a dialect that no worker can find.
 */
export async function openModule(recipe: ModuleRecipe): Promise<LockedModule> {
  const { module, dialect, name, isolation, limits, logger, services, threads, turns } = recipe;
  const waits = importThatWaits(recipe);
  if (isolation === 'inline' && waits !== undefined && !canSuspend) {
    throw new JspiMissingError({ module: name(), importName: waits, node: process.versions.node });
  }
  if (isolation === 'worker') await requireReachable(dialect);
  const log = guestLogSink(recipe);
  const onWarning = (exportName: string, sentence: string): void =>
    logger.warn({ module: name(), export: exportName }, sentence);
  return LockedModule.open({
    ...recipe,
    leaksByFailing: dialect.leaksByFailing ?? false,
    ceilingBytes: limits.memoryCeilingBytes ?? dialect.memoryCeilingBytes,
    onIdle: () => threads.noteIdle(),
    start: async (owner, signal, parked) => {
      const hostCalls = new HostCalls(services, owner, limits.maxHostCallsPerCall);
      const onAbort = (): void => hostCalls.end(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const setup: IsolateSetup = {
          ...{ grants: recipe.grants ?? NO_GRANTS },
          ...{ name: name(), module, dialect, limits, hostCalls, log, onWarning, signal, threads, turns, parked },
        };
        const isolate = isolation === 'worker' ? await WorkerIsolate.start(setup) : await InlineIsolate.start(setup);
        return new Instance(isolate, hostCalls, limits, name());
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  });
}

/** The import by which the guest waits, if it has one: what it is not given is none. */
function importThatWaits({ module, dialect, services }: ModuleRecipe): string | undefined {
  if (!(module instanceof WebAssembly.Module)) return componentWaits(module);
  return waitingImport(dialect, WebAssembly.Module.imports(module), waitsOf(services));
}

/** The guest's lines go to the logger and to whoever asked for them; neither may disturb the guest. */
function guestLogSink({ logger, name, onGuestLog }: ModuleRecipe): LogSink {
  const lines = guestLines(logger, name);
  return (level, line) => {
    try {
      lines(level, line);
      onGuestLog?.(level, line);
    } catch (err) {
      logger.error({ module: name(), err }, 'the listener of guest logs failed');
    }
  };
}
