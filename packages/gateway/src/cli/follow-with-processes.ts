import { type ConfigDifference, configDifference, isSame } from '../config/difference.ts';
import type { FileTexts } from '../config/file-texts.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { watchConfig } from '../config/watch.ts';
import { GatewayClosedError } from '../errors.ts';
import type { Logging } from '../observe/logging.ts';
import type { Rolled } from '../processes/supervisor.ts';
import { Askers } from './askers.ts';
import type { OpenedConfig } from './config-options.ts';
import type { ConfigFollower, Reloaded } from './follow-config.ts';

export interface FollowWithProcessesOptions {
  readonly opened: OpenedConfig;
  readonly logging: Pick<Logging, 'logger' | 'addSecrets' | 'setLevel' | 'reopen'>;
  /** Whether changes of the files are applied by themselves. */
  readonly isWatching: boolean;
  /** Starts all processes anew, one after the other, which have this configuration, of these files, from then on. Rejects with `GatewayClosedError` where they are to stop meanwhile. */
  readonly roll: (config: GatewayConfig, texts: FileTexts) => Promise<Rolled>;
}

/** Keys that the process has in use which keeps the others. */
const KEPT: readonly string[] = ['logDir', 'logRotation', 'adminSocket'];

/**
 * Keeps a gateway of several processes to what its configuration says: where the files have changed, and where somebody asks, each process is replaced by one
 * that has read them anew. A file that cannot be used replaces none, nor does one whose modules cannot be.
 */
export function followWithProcesses({ opened, logging, isWatching, roll }: FollowWithProcessesOptions): ConfigFollower {
  const { logger, addSecrets, setLevel, reopen } = logging;
  let current = opened.config;
  let waiting: readonly string[] = [];
  const waitsFor = (difference: ConfigDifference): readonly string[] =>
    difference.gateway.filter((key) => KEPT.includes(key)).map((key) => `gateway.${key}`);
  const askers = new Askers<Reloaded>();
  let isRolling = false;
  const certificates = Object.values(opened.config.gateway.tls ?? {});
  const watch = watchConfig({
    files: [...opened.files, ...certificates],
    isWatching,
    async apply() {
      const wasAsked = askers.begin();
      isRolling = false;
      const { config, secrets, texts } = await opened.read();
      addSecrets(secrets);
      const difference = configDifference(current, config);
      const waitsForRestart = waitsFor(configDifference(opened.config, config));
      if (!wasAsked && isSame(difference) && certificates.length === 0) return;
      if (waitsForRestart.length > 0)
        logger.warn({ keys: waitsForRestart }, 'these changes of the configuration wait for a restart');
      const { refuseModules } = await import('../modules/refuse-modules.ts');
      await refuseModules(config, difference);
      logger.info(difference, 'the processes are started anew, one after the other');
      isRolling = true;
      const { replaced, failure } = await roll(config, texts);
      if (failure !== undefined) throw new Error(`a new process does not serve: ${failure}`);
      setLevel(config.gateway.logLevel);
      current = config;
      waiting = waitsForRestart;
      logger.info({ replaced }, 'configuration applied: every process has been started anew');
      askers.tell({ difference, waitsForRestart, replaced });
    },
    onError(error) {
      // Whoever asks is told; to stop is no fault of the configuration.
      if (error instanceof GatewayClosedError) return askers.tell({ error, waitsForRestart: waiting });
      const reason = error instanceof Error ? error.message : String(error);
      logger.error(
        { reason },
        isRolling
          ? 'the processes were not started anew; all serve the configuration of before'
          : 'the changed configuration cannot be used; what was served stays',
      );
      askers.tell({ error, waitsForRestart: waiting });
    },
  });
  return {
    reload() {
      reopen();
      const told = askers.ask();
      watch.apply();
      return told;
    },
    get waitsForRestart() {
      return waiting;
    },
    compare: (next) => ({
      difference: configDifference(current, next),
      waitsForRestart: waitsFor(configDifference(opened.config, next)),
    }),
    async close() {
      await watch.close();
      askers.end({ error: new GatewayClosedError(), waitsForRestart: waiting });
    },
  };
}
