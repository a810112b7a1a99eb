import { ConfigError } from '../config/config-error.ts';
import { applicable, type ConfigDifference, configDifference, isSame, needsRestart } from '../config/difference.ts';
import { isReadableAtAnyTime } from '../config/read-text-file.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { watchConfig } from '../config/watch.ts';
import { GatewayClosedError } from '../errors.ts';
import type { Gateway } from '../gateway.ts';
import type { Logging } from '../observe/logging.ts';
import { Askers } from './askers.ts';
import type { OpenedConfig } from './config-options.ts';

export interface FollowConfigOptions {
  readonly opened: OpenedConfig;
  /** What runs: what was opened, but for an address that was taken in its place. */
  readonly running: GatewayConfig;
  readonly gateway: Pick<Gateway, 'reconfigure' | 'reopenLogs'>;
  readonly logging: Pick<Logging, 'logger' | 'addSecrets' | 'setLevel' | 'reopen'>;
  /** Whether changes of the files are applied by themselves. */
  readonly isWatching: boolean;
}

/** What came of a reload. */
export interface Reloaded {
  /** Why it could not be used; what was served stays then. */
  readonly error?: unknown;
  readonly difference?: ConfigDifference;
  /** Keys that wait for a restart. */
  readonly waitsForRestart: readonly string[];
  /** The last change that was applied, where this one found nothing new. */
  readonly appliedBefore?: AppliedBefore | undefined;
  /** How many processes were started anew, where several serve together. */
  readonly replaced?: number;
}

/** A change of the configuration that was applied already. */
export interface AppliedBefore {
  readonly difference: ConfigDifference;
  /** Milliseconds ago. */
  readonly agoMs: number;
}

/** Keeps a running gateway to what its configuration says. */
export interface ConfigFollower {
  /** Reads the configuration again, and opens the log files again. What comes of it is said in the log, and to who asked. Never rejects. */
  reload(): Promise<Reloaded>;
  /** Keys that have changed in the file and wait for a restart. */
  readonly waitsForRestart: readonly string[];
  /** What another configuration would change. */
  compare(next: GatewayConfig): Pick<Reloaded, 'difference' | 'waitsForRestart'>;
  /** Stops following. Resolves when nothing is being applied any more. */
  close(): Promise<void>;
}

/**
 * Applies the configuration's files, and the certificates it names, to a running gateway: when they change, and when it
 * is told to. A file that cannot be used changes nothing and is said in the log.
 */
export function followConfig({ opened, running, gateway, logging, isWatching }: FollowConfigOptions): ConfigFollower {
  const { logger, addSecrets, setLevel } = logging;
  let current = running;
  let waiting: readonly string[] = [];
  let applied: { readonly difference: ConfigDifference; readonly atMs: number } | undefined;
  const askers = new Askers<Reloaded>();
  const certificates = Object.values(running.gateway.tls ?? {});
  const { mode, file: pins } = running.gateway.pins;
  // A file that the gateway does not write itself: what it says is applied with the configuration.
  const beside = mode === 'lockfile' && pins !== undefined ? [...certificates, pins] : certificates;
  const watch = watchConfig({
    files: [...opened.files, ...beside],
    isWatching,
    async apply() {
      const wasAsked = askers.begin();
      for (const file of opened.files) await mustBeReadable(file);
      const { config, secrets } = await opened.read();
      addSecrets(secrets);
      // Against what the files said at the start: the address may be a fallback port that they know nothing of.
      const now = needsRestart(configDifference(opened.config, config));
      if (now.length > 0 && (wasAsked || now.join() !== waiting.join())) {
        logger.warn({ keys: now }, 'these changes of the configuration wait for a restart');
      }
      waiting = now;
      const next = applicable(running, config);
      const difference = configDifference(current, next);
      const same = isSame(difference);
      if (!same || beside.length > 0) await gateway.reconfigure(next);
      setLevel(next.gateway.logLevel);
      current = next;
      if (!same) logger.info(difference, 'configuration applied');
      else if (certificates.length > 0) logger.info({}, 'the certificates were read again');
      else if (wasAsked) logger.info({}, 'the configuration was read again: nothing in it has changed');
      if (same) askers.tell({ difference, waitsForRestart: waiting, appliedBefore: applied && before(applied) });
      else askers.tell({ difference, waitsForRestart: waiting });
      if (!same) applied = { difference, atMs: performance.now() };
    },
    onError(error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error({ reason }, 'the changed configuration cannot be used; what was served stays');
      askers.tell({ error, waitsForRestart: waiting });
    },
  });
  return {
    async reload() {
      logging.reopen();
      gateway.reopenLogs();
      if (opened.files.length === 0) {
        const message = 'the configuration was read from a pipe and cannot be read again';
        logger.warn({ source: opened.source }, message);
        return { error: new ConfigError(opened.source, [{ place: [], message }]), waitsForRestart: waiting };
      }
      const told = askers.ask();
      watch.apply();
      return told;
    },
    get waitsForRestart() {
      return waiting;
    },
    compare: (next) => ({
      difference: configDifference(current, applicable(running, next)),
      waitsForRestart: needsRestart(configDifference(opened.config, next)),
    }),
    async close() {
      await watch.close();
      askers.end({ error: new GatewayClosedError(), waitsForRestart: waiting });
    },
  };
}

function before({ difference, atMs }: { readonly difference: ConfigDifference; readonly atMs: number }): AppliedBefore {
  return { difference, agoMs: Math.round(performance.now() - atMs) };
}

/** @throws GATEWAY_CONFIG where reading might not end. */
async function mustBeReadable(file: string): Promise<void> {
  if (await isReadableAtAnyTime(file)) return;
  throw new ConfigError(file, [{ place: [], message: 'it is no regular file any more; put a file in its place' }]);
}
