import { Permissions } from '../access/permissions.ts';
import { didYouMean } from '../config/nearest.ts';
import { onlyServers } from '../config/only-servers.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import type { OpenedConfig } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

/** One server or plugin, or one profile. */
export type Part = { readonly server: string } | { readonly profile: string };

/**
 * The part of a configuration that `--server` or `--profile` needs, now and after each change.
 *
 * @throws CommandFailure when nothing of it has this name.
 */
export function narrowConfig(opened: OpenedConfig, part: Part): OpenedConfig {
  const narrow = (resolved: ResolvedConfig): ResolvedConfig =>
    'server' in part ? toServer(resolved, part.server) : toProfile(resolved, part.profile);
  return {
    ...opened,
    ...narrow(opened),
    read: async () => {
      const read = await opened.read();
      return { ...read, ...narrow(read) };
    },
    readText:
      opened.readText &&
      (async (text) => narrow(await (opened.readText as NonNullable<OpenedConfig['readText']>)(text))),
  };
}

function toServer(resolved: ResolvedConfig, server: string): ResolvedConfig {
  const { plugins, mcpServers } = resolved.config;
  const entry = plugins[server] ?? mcpServers[server];
  if (entry === undefined) {
    const known = [...Object.keys(plugins), ...Object.keys(mcpServers)];
    throw nothing('--server', 'plugin or server', server, known);
  }
  if (entry.disabled) throw new CommandFailure(`--server: "${server}" is switched off ("disabled")`, EXIT.usage);
  return { ...resolved, config: onlyServers(resolved.config, (name) => name === server) };
}

function toProfile(resolved: ResolvedConfig, profile: string): ResolvedConfig {
  const { config } = resolved;
  if (!Object.hasOwn(config.profiles, profile))
    throw nothing('--profile', 'profile', profile, Object.keys(config.profiles));
  const permission = new Permissions(config).of({ name: 'stdio' }, profile);
  return { ...resolved, config: onlyServers(config, (name) => permission.opens(name)) };
}

function nothing(flag: string, what: string, name: string, known: readonly string[]): CommandFailure {
  const said = `${flag}: there is no ${what} "${name}"${didYouMean(name, known)}`;
  return new CommandFailure(`${said} (known: ${known.join(', ') || 'none'})`, EXIT.usage);
}
