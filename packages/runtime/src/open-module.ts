import { JspiMissingError } from './errors.ts';
import type { LogSink } from './host/guest-log.ts';
import { HostCalls, type HostServices } from './host/host-calls.ts';
import { waitingImport } from './host/imports.ts';
import { canSuspend } from './host/suspend.ts';
import { Instance } from './instance/instance.ts';
import { LockedModule, type Primer } from './instance/locked-module.ts';
import { InlineIsolate } from './isolate/inline.ts';
import type { IsolateSetup } from './isolate/isolate.ts';
import { WorkerIsolate } from './isolate/worker.ts';
import type { Logger } from './logger.ts';
import type { GuestLogLevel, InstanceCount, Isolation, ResolvedLimits } from './options.ts';

/** What a module is opened with, once it is compiled. */
export interface ModuleRecipe {
  readonly module: WebAssembly.Module;
  readonly abi: 'plugin' | 'guard';
  /** Its name in errors and logs; may become known later. */
  readonly name: () => string;
  readonly isolation: Isolation;
  readonly limits: ResolvedLimits;
  readonly instances: Required<InstanceCount>;
  readonly logger: Logger;
  readonly services: HostServices;
  /** Called when it has closed. */
  readonly release: (module: LockedModule) => Promise<void>;
  readonly onGuestLog: ((level: GuestLogLevel, line: string) => void) | undefined;
  readonly primer?: Primer | undefined;
  /** Ends the opening, and later starts of instances. */
  readonly signal: AbortSignal;
}

/**
 * Opens a module in its isolation, with its first instances running.
 *
 * @throws RUNTIME_JSPI_MISSING, RUNTIME_LINK, RUNTIME_GUEST_TRAP from the start-up, and what the primer means.
 */
export function openModule(recipe: ModuleRecipe): Promise<LockedModule> {
  const { module, abi, name, isolation, limits, logger, services } = recipe;
  const waits = waitingImport(module);
  if (isolation === 'inline' && waits !== undefined && !canSuspend) {
    throw new JspiMissingError({ module: name(), importName: waits, node: process.versions.node });
  }
  const log = guestLogSink(recipe);
  const onDirectPlacement = (exportName: string): void =>
    logger.warn(
      { module: name(), export: exportName },
      'guard exports no "alloc" and "dealloc": its buffers lie at the end of memory, over whatever it keeps there',
    );
  return LockedModule.open({
    ...recipe,
    start: async (owner, signal) => {
      const hostCalls = new HostCalls(services, owner, limits.maxHostCallsPerCall);
      const onAbort = (): void => hostCalls.abort(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const setup: IsolateSetup = { name: name(), module, abi, limits, hostCalls, log, onDirectPlacement, signal };
        const isolate = isolation === 'worker' ? await WorkerIsolate.start(setup) : await InlineIsolate.start(setup);
        return new Instance(isolate, hostCalls, limits, name());
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  });
}

/** The guest's lines go to the logger and to whoever asked for them; neither may disturb the guest. */
function guestLogSink({ logger, name, onGuestLog }: ModuleRecipe): LogSink {
  return (level, line) => {
    try {
      logger[level]({ module: name(), line }, 'guest log');
      onGuestLog?.(level, line);
    } catch (err) {
      logger.error({ module: name(), err }, 'the listener of guest logs failed');
    }
  };
}
