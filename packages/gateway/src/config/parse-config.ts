import { ConfigError } from './config-error.ts';
import { describeIssues } from './problems.ts';
import { configSchema, type GatewayConfig, type LockgateFile } from './schema.ts';

/**
 * Checks a configuration that a program hands over and fills its defaults in. Variables stay as they are, and paths are
 * relative to the working folder.
 *
 * @throws GATEWAY_CONFIG with everything that is wrong.
 */
export function parseConfig(config: LockgateFile): GatewayConfig {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new ConfigError('configuration', describeIssues(parsed.error.issues, config));
}
