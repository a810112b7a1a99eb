import { VERSION } from '../version.ts';
import type { Attention, Overview, UpstreamSummary } from './api.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConfigurationAccess, ConsoleSources, ConsoleStatus } from './console-sources.ts';
import type { Ticks } from './ticks.ts';
import { upstreamViews } from './upstream-view.ts';
import type { WatchedCalls } from './watched-calls.ts';

export interface OverviewOptions {
  readonly sources: ConsoleSources;
  readonly calls: WatchedCalls | undefined;
  readonly ticks: Ticks | undefined;
  readonly configuration: ConfigurationAccess | undefined;
  readonly startedAt: number;
  /** Where clients connect, once the gateway listens. */
  readonly url: () => string | undefined;
}

const NO_CALLS = { calls: 0, errors: 0, withheld: 0, denied: 0 };

/** What is up, since when, how it does, and what needs somebody. */
export function overviewHandler(options: OverviewOptions): ApiHandler {
  return {
    method: 'GET',
    path: 'overview',
    role: 'viewer',
    handle: (): Overview => {
      const { sources, calls, ticks, configuration, startedAt } = options;
      const status = sources.status();
      const upstreams = upstreamViews(sources);
      const url = options.url();
      return {
        state: status.state,
        version: VERSION,
        nodeVersion: process.versions.node,
        pid: process.pid,
        startedAt,
        uptimeMs: Math.max(0, sources.now() - startedAt),
        ...(url !== undefined && { url }),
        ...(configuration && { configuration: configuration.source }),
        sessions: status.sessions,
        running: status.running,
        totals: calls?.totals ?? NO_CALLS,
        upstreams,
        guards: status.guards,
        attention: attentionOf(upstreams, status, options),
        ticks: ticks ? [...ticks.ring.oldest()] : [],
      };
    },
  };
}

function attentionOf(
  upstreams: readonly UpstreamSummary[],
  { guards }: ConsoleStatus,
  { sources, configuration }: OverviewOptions,
): readonly Attention[] {
  const flag = configuration?.flag ?? '';
  const found: Attention[] = [];
  for (const { name, state, reason = 'it is being started again', transport } of upstreams) {
    if (state === 'not loaded') {
      const remedy = `\`lockgate doctor ${name}${flag}\` says more. It is tried again when its file is another`;
      found.push({ severity: 'error', subject: name, message: `It could not be loaded: ${reason}`, remedy });
    }
    if (state !== 'restarting') continue;
    const where =
      transport === 'stdio' ? `; \`lockgate doctor ${name}${flag}\` starts it alone and shows what it says` : '';
    const remedy = `It is tried again by itself, later and later. Its page in the console (\`lockgate console${flag}\`) has its last lines${where}`;
    found.push({ severity: 'error', subject: name, message: `It is down: ${reason}`, remedy });
  }
  for (const { guard, server, failure, remedy = 'Mend the guard' } of guards) {
    if (failure === undefined) continue;
    const message = `Every call of "${server}" is denied by its guard "${guard}": ${failure}`;
    found.push({ severity: 'error', subject: server, message, remedy });
  }
  for (const { name, kind, state, lastError } of sources.loader()?.list() ?? []) {
    if (kind !== 'plugin' || !lastError) continue;
    const isLooping = state === 'crash-looping';
    found.push({
      severity: isLooping ? 'error' : 'warning',
      subject: name,
      message: sources.redact(lastError.message),
      remedy: isLooping
        ? 'Roll back, or put a mended version in its place'
        : 'What was live before stays; mend the new version and reload',
    });
  }
  for (const { name, disabledBy } of upstreams) {
    if (disabledBy !== 'console') continue;
    const message = 'Somebody has switched it off in the console';
    found.push({
      severity: 'warning',
      subject: name,
      message,
      remedy: 'Enable it on its page; the next start of the gateway does so too',
    });
  }
  const lost = sources.auditLost();
  if (lost > 0) {
    found.push({
      severity: 'error',
      subject: 'audit log',
      message: `${lost} of its lines could not be written since the start; \`lockgate logs --level error${flag}\` says why`,
      remedy:
        'Make room on the disk, or mend the rights of "gateway.logDir"; this stands until the gateway is started anew',
    });
  }
  for (const { gateway, sections } of sources.otherConfigurations.list) {
    found.push({
      severity: 'warning',
      subject: 'configuration',
      message: `Another gateway with the same Redis and prefix (${gateway}) differs in ${sections.join(', ')}`,
      remedy: 'Give both the same configuration, or another "gateway.state.redis.prefix"',
    });
  }
  const waiting = configuration?.waitsForRestart ?? [];
  if (waiting.length > 0) {
    const message = `The file has changed, and ${waiting.join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'} for a restart`;
    found.push({
      severity: 'warning',
      subject: 'configuration',
      message,
      remedy: 'Start the gateway anew when it suits',
    });
  }
  return found.sort((one, other) => rank(one) - rank(other));
}

function rank({ severity }: Attention): number {
  return severity === 'error' ? 0 : 1;
}
