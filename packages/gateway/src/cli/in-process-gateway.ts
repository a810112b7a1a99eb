import type { GatewayConfig } from '../config/schema.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.ts';
import { openLogging } from '../observe/logging.ts';
import type { OpenedConfig } from './config-options.ts';
import { type Terminal, wantsColor } from './terminal.ts';

/** A single command has nothing better to do than to wait for its server, even one that is installed first. */
const START_WINDOW_MS = 60_000;

/**
 * Makes a gateway in this process that listens nowhere. Unless the configuration was told a level, only warnings are logged.
 *
 * @param config - The opened configuration, or a part of it.
 */
export function openInProcessGateway(
  { sources, secrets }: OpenedConfig,
  config: GatewayConfig,
  terminal: Terminal,
  options: Omit<GatewayOptions, 'logger'> = {},
): Promise<Gateway> {
  const level = sources.has('gateway.logLevel') ? config.gateway.logLevel : 'warn';
  const { logger, redact } = openLogging({ level, terminal: terminal.stderr, color: wantsColor(terminal), secrets });
  return createGateway(config, { logger, redact, startWindowMs: START_WINDOW_MS, ...options });
}
