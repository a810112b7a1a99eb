import { applicable, configDifference, isSame, needsRestart } from '../config/difference.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { watchConfig } from '../config/watch.ts';
import type { Gateway } from '../gateway.ts';
import type { Logging } from '../observe/logging.ts';
import type { OpenedConfig } from './config-options.ts';

/**
 * Applies changes of the configuration's files, and of the certificates it names, to a running gateway. A file that
 * cannot be used changes nothing and is said in the log.
 *
 * @returns Stops following.
 */
export function followConfig(
  opened: OpenedConfig,
  running: GatewayConfig,
  gateway: Pick<Gateway, 'reconfigure'>,
  { logger, addSecrets, setLevel }: Logging,
): () => Promise<void> {
  let current = running;
  let toldToWait = '';
  const certificates = Object.values(running.gateway.tls ?? {});
  return watchConfig({
    files: [...opened.files, ...certificates],
    async apply() {
      const { config, secrets } = await opened.read();
      addSecrets(secrets);
      // Against what the files said at the start: the address may be a fallback port that they know nothing of.
      const waiting = needsRestart(configDifference(opened.config, config));
      if (waiting.length > 0 && waiting.join() !== toldToWait) {
        logger.warn({ keys: waiting }, 'these changes of the configuration wait for a restart');
      }
      toldToWait = waiting.join();
      const next = applicable(running, config);
      const difference = configDifference(current, next);
      const same = isSame(difference);
      if (same && certificates.length === 0) return;
      await gateway.reconfigure(next);
      setLevel(next.gateway.logLevel);
      current = next;
      if (same) return logger.info({}, 'the certificates were read again');
      logger.info(difference, 'configuration applied');
    },
    onError(error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error({ reason }, 'the changed configuration cannot be used; what was served stays');
    },
  });
}
