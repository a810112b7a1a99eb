import { didYouMean } from '../config/nearest.ts';
import { onlyServer } from '../config/only-server.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import type { OpenedConfig } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

/**
 * The part of a configuration that `--server` needs, now and after each change.
 *
 * @throws CommandFailure when nothing of it has this name.
 */
export function narrowConfig(opened: OpenedConfig, server: string): OpenedConfig {
  return {
    ...opened,
    ...narrow(opened, server),
    read: async () => narrow(await opened.read(), server),
    readText:
      opened.readText &&
      (async (text) => narrow(await (opened.readText as NonNullable<OpenedConfig['readText']>)(text), server)),
  };
}

function narrow(resolved: ResolvedConfig, server: string): ResolvedConfig {
  const { plugins, mcpServers } = resolved.config;
  const config = onlyServer(resolved.config, server);
  const entry = plugins[server] ?? mcpServers[server];
  if (config === undefined) {
    const known = [...Object.keys(plugins), ...Object.keys(mcpServers)];
    const what = `--server: there is no plugin or server "${server}"${didYouMean(server, known)}`;
    throw new CommandFailure(`${what} (known: ${known.join(', ') || 'none'})`, EXIT.usage);
  }
  if (entry?.disabled) throw new CommandFailure(`--server: "${server}" is switched off ("disabled")`, EXIT.usage);
  return { ...resolved, config };
}
