import { ConfigError } from '../config/config-error.ts';
import type { ConfigDifference } from '../config/difference.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { sentenceOf } from '../diagnosis.ts';
import { commandOrigin } from './command-origin.ts';
import { lookWhenAsked } from './look-when-asked.ts';

/**
 * Looks at the modules that are new or changed in a configuration, before anything that runs makes way for them.
 *
 * @throws GATEWAY_CONFIG with every module that could not be served.
 */
export async function refuseModules(
  config: GatewayConfig,
  { plugins, guards, mcpServers }: ConfigDifference,
): Promise<void> {
  const looked = await Promise.all([
    ...[...plugins.added, ...plugins.changed].map((name) => look('plugins', name, 'plugin', config.plugins[name])),
    ...[...guards.added, ...guards.changed].map((name) => look('guards', name, 'guard', config.guards[name])),
    ...[...mcpServers.added, ...mcpServers.changed].map((name) => lookAtServer(name, config.mcpServers[name])),
  ]);
  const problems = looked.flat();
  if (problems.length > 0) throw new ConfigError('configuration', problems);
}

async function look(
  section: 'plugins' | 'guards',
  name: string,
  kind: 'plugin' | 'guard',
  entry: GatewayConfig['plugins' | 'guards'][string] | undefined,
): Promise<ConfigError['facts']['problems']> {
  if (!entry || entry.disabled) return [];
  const problem = await lookWhenAsked(kind, entry);
  if (problem === undefined) return [];
  return [{ place: [section, name, 'path'], message: `${entry.path}: ${sentenceOf(problem)}` }];
}

async function lookAtServer(
  name: string,
  entry: GatewayConfig['mcpServers'][string] | undefined,
): Promise<ConfigError['facts']['problems']> {
  if (entry?.type !== 'wasm' || entry.disabled) return [];
  const problem = await lookWhenAsked('command', commandOrigin(entry));
  if (problem === undefined) return [];
  return [{ place: ['mcpServers', name, 'wasm'], message: `${entry.wasm}: ${sentenceOf(problem)}` }];
}
