import { guardOf } from '../config/guard-origin.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { UpstreamAction, UpstreamSummary } from './api.ts';
import type { ConsoleSources, ConsoleStatus } from './console-sources.ts';

type Sources = Pick<ConsoleSources, 'config' | 'status' | 'served' | 'control' | 'loader'>;

/** All servers and plugins of the configuration, what is switched off as well, in its order. */
export function upstreamViews(sources: Sources): readonly UpstreamSummary[] {
  const config = sources.config();
  const status = sources.status();
  return [...Object.keys(config.plugins), ...Object.keys(config.mcpServers)].map((name) =>
    viewOf(name, config, status, sources),
  );
}

/** One of them; undefined where the configuration has none of this name. */
export function upstreamView(name: string, sources: Sources): UpstreamSummary | undefined {
  const config = sources.config();
  const isThere = Object.hasOwn(config.plugins, name) || Object.hasOwn(config.mcpServers, name);
  return isThere ? viewOf(name, config, sources.status(), sources) : undefined;
}

function viewOf(
  name: string,
  config: GatewayConfig,
  { upstreams }: ConsoleStatus,
  { served, control, loader }: Sources,
): UpstreamSummary {
  const server = Object.hasOwn(config.mcpServers, name) ? config.mcpServers[name] : undefined;
  const entry = server ?? config.plugins[name];
  const guard = guardNameOf(name, config);
  const common = {
    name,
    kind: server ? 'server' : 'plugin',
    transport: server?.type ?? 'wasm',
    ...(guard !== undefined && { guard }),
  } as const;
  const status = upstreams.find((one) => one.name === name);
  if (!status) {
    const disabledBy = entry?.disabled ? 'configuration' : 'console';
    const actions: UpstreamAction[] = control.disabled.has(name) && !entry?.disabled ? ['enable'] : [];
    return { ...common, state: 'disabled', disabledBy, restarts: 0, tools: 0, actions };
  }
  const { state, since, restarts, tools, reason } = status;
  const era = served.get(name)?.upstream.facts().era;
  const actions: UpstreamAction[] = ['restart', 'disable'];
  const module = server
    ? undefined
    : loader()
        ?.list()
        .find((one) => one.name === name);
  if (module?.live) actions.push('reload');
  if (module && module.kept > 0) actions.push('rollback');
  return {
    ...common,
    state,
    since,
    restarts,
    tools,
    ...(reason !== undefined && { reason }),
    ...(era && { era }),
    actions,
  };
}

/** A guard may lie in a folder that has gone, or changed since. */
function guardNameOf(name: string, config: GatewayConfig): string | undefined {
  try {
    return guardOf(name, config)?.name;
  } catch {
    return undefined;
  }
}
