import { ServerAnswers } from './answers/server-answers.ts';
import { Drain } from './call/drain.ts';
import { Forwarder, type ForwardLimits } from './call/forward.ts';
import type { Leaving } from './call/leaving.ts';
import type { Served, ServedList } from './call/served.ts';
import { ALL_LISTS } from './catalog/offer.ts';
import type { EntryDifference } from './config/configuration-difference.ts';
import type { ConfigDifference } from './config/difference.ts';
import type { Guarding } from './config/guarding.ts';
import { toldGrants } from './config/guest-grants.ts';
import type { GatewayConfig } from './config/schema.ts';
import type { Redact } from './config/secrets.ts';
import type { ServerEntry } from './config/servers-section.ts';
import type { GatewayLogins } from './gateway-logins.ts';
import type { Guests } from './guests.ts';
import type { Logger } from './logger.ts';
import { PluginPlace } from './plugin-place.ts';
import { ObjectText } from './protocol/frame/object-text.ts';
import { saidOnce } from './said-once.ts';
import type { Authorizer } from './transport/authorized-client.ts';
import type { Programs } from './transport/programs.ts';
import { LoginUpstream } from './upstream/login-upstream.ts';
import { McpUpstream } from './upstream/mcp-upstream.ts';
import type { WithheldTools } from './upstream/must-be-served.ts';
import { PluginUpstream } from './upstream/plugin-upstream.ts';
import type { Upstream, UpstreamEvents } from './upstream/upstream.ts';
import { VERSION } from './version.ts';

/** How the gateway introduces itself to servers. */
const CLIENT_INFO = ObjectText.from({ name: 'lockgate', title: 'Lockgate', version: VERSION });

/** Plugins have limits of their own in the runtime; this deadline only catches what those let through. */
const PLUGIN_LIMITS: ForwardLimits = {
  callTimeoutMs: 2 ** 31 - 1,
  breaker: { failures: Number.MAX_SAFE_INTEGER, coolDownMs: 0 },
  maxRetries: 0,
};

export interface ServeConfigOptions {
  readonly config: GatewayConfig;
  /** Against what is served now; absent at the start. */
  readonly difference: ConfigDifference | undefined;
  readonly served: ServedList;
  readonly leaving: Leaving;
  readonly programs: Programs;
  readonly logins: GatewayLogins;
  readonly events: UpstreamEvents;
  readonly guests: () => Promise<Guests>;
  readonly logger: Logger;
  /** Takes secrets out of what programs write to stderr. */
  readonly redact: Redact;
  /** Whether a guard decides on what this server says. */
  readonly isGuarded: (server: string) => boolean;
  /** What is withheld of servers. */
  readonly pins: WithheldTools;
}

/**
 * Makes the list of what is served fit the configuration. Resolves when what is no longer in it has been closed, or has only
 * the calls left that ran on it.
 */
export async function serveConfig(options: ServeConfigOptions): Promise<void> {
  const { config, difference, served, leaving, events } = options;
  const {
    shutdownTimeoutMs,
    answers: { maxResultBytes },
  } = config.gateway;
  const before = served.all;
  const entries = [
    ...Object.entries(config.plugins).map(([name, entry]) => ({ name, entry, kind: 'plugins' as const })),
    ...Object.entries(config.mcpServers).map(([name, entry]) => ({ name, entry, kind: 'mcpServers' as const })),
  ].filter(({ entry }) => !entry.disabled);
  const isSame = (kind: 'plugins' | 'mcpServers', name: string): boolean =>
    difference !== undefined && !touched(difference[kind], name);
  const kept = new Map(before.map((entry) => [entry.name, entry]));
  const reusable = new Set(entries.filter(({ kind, name }) => isSame(kind, name)).map(({ name }) => name));
  const gone = before.filter(({ name }) => !reusable.has(name));
  const closed = gone.map((one) => {
    one.upstream.leave?.();
    return leaving.close(one, shutdownTimeoutMs);
  });
  const next = entries.map(({ name, entry, kind }): Served => {
    const same = reusable.has(name) ? kept.get(name) : undefined;
    if (same) return same;
    const upstream = kind === 'plugins' ? plugin(name, options) : server(name, options);
    const limits = kind === 'mcpServers' ? config.mcpServers[name] : undefined;
    const forwarder = new Forwarder(upstream, limits ?? PLUGIN_LIMITS, monotonicNow);
    const { tools, discovery, prefix = name } = entry;
    return {
      name,
      upstream,
      forwarder,
      drain: new Drain(),
      prefix,
      tools,
      discovery,
      answers: answersOf(entry, upstream, maxResultBytes),
    };
  });
  served.replace(next);
  for (const entry of next) {
    if (kept.get(entry.name) === entry) continue;
    tellGrants(entry.name, options);
    entry.upstream.start();
  }
  const successors = new Map(next.filter((entry) => isGuest(entry, config)).map((entry) => [entry.name, entry]));
  for (const { name } of gone) {
    const upstream = successors.get(name)?.upstream;
    // Lists wait for a guest that starts: there is one change to tell, and it is over then.
    void upstream?.settled.then(() => events.changed(upstream, ALL_LISTS));
  }
  const [first] = next;
  if (first && gone.some(({ name }) => !successors.has(name))) events.changed(first.upstream, ALL_LISTS);
  await Promise.allSettled(closed);
}

/** Whether it runs in the gateway's own process, and so starts in a moment. */
function isGuest({ name, upstream }: Served, config: GatewayConfig): boolean {
  return upstream.kind === 'plugin' || config.mcpServers[name]?.type === 'wasm';
}

function tellGrants(server: string, { config, logger }: ServeConfigOptions): void {
  const entry = config.plugins[server] ?? config.mcpServers[server];
  const grants = entry && toldGrants(entry);
  if (grants) logger.info({ server, ...grants }, 'a guest is granted more than nothing');
}

/** Nothing where neither the entry nor a plugin can say anything, so that its answers are not looked at. */
function answersOf({ answers }: Guarding, upstream: Upstream, limit: number): ServerAnswers | undefined {
  const specsOf = upstream.compactSpecs?.bind(upstream);
  if (!answers && !specsOf && limit === 0) return undefined;
  return new ServerAnswers(answers ?? {}, specsOf ?? (() => undefined), limit);
}

function touched({ added, removed, changed }: EntryDifference, name: string): boolean {
  return added.includes(name) || removed.includes(name) || changed.includes(name);
}

function plugin(name: string, options: ServeConfigOptions): Upstream {
  const { guests, events, logger, config } = options;
  const entry = config.plugins[name];
  if (!entry) throw new TypeError(`no plugin "${name}"`);
  return new PluginUpstream({
    name,
    place: new PluginPlace(name, entry, guests),
    events,
    logger: saidOnce(logger),
    patienceMs: entry.limits.callTimeoutMs,
    now: Date.now,
    monotonicNow,
    random: Math.random,
  });
}

function server(name: string, options: ServeConfigOptions): Upstream {
  const entry = options.config.mcpServers[name];
  if (!entry) throw new TypeError(`no server "${name}"`);
  const { logins, pins } = options;
  const open = (authorizer: Authorizer | undefined, events: UpstreamEvents): McpUpstream =>
    mcpUpstream(name, entry, options, authorizer, events);
  const remote = logins.logins.configure(name, entry);
  if (!remote) return open(undefined, options.events);
  return new LoginUpstream({
    name,
    isOwn: remote.credential === 'user',
    logins: logins.logins,
    holderOf: logins.holderOf,
    linkFor: logins.linkFor,
    pins,
    open,
    events: options.events,
    now: Date.now,
    monotonicNow,
  });
}

function mcpUpstream(
  name: string,
  entry: ServerEntry,
  { programs, logger, redact, isGuarded }: ServeConfigOptions,
  authorizer: Authorizer | undefined,
  events: UpstreamEvents,
): McpUpstream {
  return new McpUpstream({
    name,
    entry,
    programs,
    authorizer,
    clientInfo: CLIENT_INFO,
    capabilities: ObjectText.EMPTY,
    events,
    logger,
    redact,
    isGuarded: () => isGuarded(name),
    now: Date.now,
    monotonicNow,
    random: Math.random,
  });
}

/** Durations are measured by a clock that nobody sets. */
function monotonicNow(): number {
  return performance.now();
}
