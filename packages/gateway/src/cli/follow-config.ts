import { configDifference, isSame, needsRestart } from '../config/difference.ts';
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
  let current = opened.config;
  const certificates = Object.values(running.gateway.tls ?? {});
  return watchConfig({
    files: [...opened.files, ...certificates],
    async apply() {
      const { config, secrets } = await opened.read();
      addSecrets(secrets);
      const difference = configDifference(current, config);
      const same = isSame(difference);
      if (same && certificates.length === 0) return;
      const waiting = needsRestart(difference);
      if (waiting.length > 0) logger.warn({ keys: waiting }, 'these changes of the configuration wait for a restart');
      // The address may be a fallback port that the file knows nothing of.
      await gateway.reconfigure({ ...config, gateway: { ...config.gateway, listen: running.gateway.listen } });
      setLevel(config.gateway.logLevel);
      current = config;
      if (same) return logger.info({}, 'the certificates were read again');
      const { plugins, guards, mcpServers } = difference;
      logger.info({ plugins, guards, mcpServers, gateway: difference.gateway }, 'configuration applied');
    },
    onError(error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.error({ reason }, 'the changed configuration cannot be used; what was served stays');
    },
  });
}
