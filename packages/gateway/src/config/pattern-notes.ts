import { matchesGlob } from './glob.ts';
import { ITEM_KINDS, type ItemKind, type ItemPatterns, opensServer, PATTERNS_OF } from './item-patterns.ts';
import { didYouMean } from './nearest.ts';
import { formatPlace, type Place } from './place.ts';
import type { GatewayConfig } from './schema.ts';
import { isServed } from './tool-pattern.ts';

/** Names of people in the console begin so. */
const OF_CONSOLE = ['console:', 'oidc:'];

/** Patterns of roles, profiles and limits that can never match, and names of servers and principals that nobody has: whoever wrote them meant something. */
export function* patternNotes(config: GatewayConfig): Generator<string> {
  const { roles, profiles, limits } = config;
  for (const [section, entries] of Object.entries({ roles, profiles }))
    for (const [name, entry] of Object.entries(entries)) yield* deadPatterns([section, name], entry, config);
  for (const [name, { servers = [] }] of Object.entries(profiles)) {
    for (const [index, server] of servers.entries()) {
      const said = unknownServer(server, config);
      if (said !== undefined) yield `${formatPlace(['profiles', name, 'servers', index])} ${said}`;
    }
  }
  for (const [name, { tools = [], principals = [] }] of Object.entries(limits)) {
    yield* deadOf('tool', ['limits', name, 'tools'], tools, config);
    for (const [at, pattern] of principals.entries()) {
      const said = nobody(pattern, config);
      if (said !== undefined) yield `${formatPlace(['limits', name, 'principals', at])} ${said}`;
    }
  }
}

type Patterns = Readonly<Record<(typeof PATTERNS_OF)[ItemKind], ItemPatterns>>;

function* deadPatterns(at: Place, entry: Patterns, config: GatewayConfig): Generator<string> {
  for (const kind of ITEM_KINDS) {
    const key = PATTERNS_OF[kind];
    for (const way of ['allow', 'deny'] as const) yield* deadOf(kind, [...at, key, way], entry[key][way], config);
  }
}

/** Which of some patterns can never match. */
export function* deadOf(
  kind: ItemKind,
  at: Place,
  patterns: readonly string[],
  { plugins, mcpServers }: GatewayConfig,
): Generator<string> {
  const entries = Object.entries({ ...plugins, ...mcpServers });
  for (const [index, pattern] of patterns.entries()) {
    const place = formatPlace([...at, index]);
    const meant = entries.filter(([server]) => opensServer(pattern, server));
    const [server = '', ...names] = pattern.split('/');
    if (meant.length === 0) {
      const near = server.includes('*') ? '' : didYouMean(server, Object.keys({ ...plugins, ...mcpServers }));
      yield `${place} can never match: nothing that is configured is named "${server}"${near}`;
    } else if (kind === 'tool' && meant.every(([, { tools }]) => !canBeServed(names.join('/') || '*', tools))) {
      const hidden = meant.map(([name]) => `"${name}"`).join(', ');
      yield `${place} can never match: the "tools" of ${hidden} serve no tool of this name`;
    }
  }
}

/** Whether a tool that fits the pattern can be among those that are served. */
function canBeServed(pattern: string, served: readonly string[] | undefined): boolean {
  if (!pattern.includes('*')) return isServed(pattern, served);
  // Two patterns may have something in common; that they do not is only said of whole names.
  return served?.some((tool) => tool.endsWith('*') || matchesGlob(pattern, tool)) ?? true;
}

function unknownServer(name: string, { plugins, mcpServers }: GatewayConfig): string | undefined {
  const known = Object.keys({ ...plugins, ...mcpServers });
  return known.includes(name) ? undefined : `names "${name}", which is not configured${didYouMean(name, known)}`;
}

function nobody(pattern: string, { gateway: { auth, tls } }: GatewayConfig): string | undefined {
  const { apiKeys = [], clientCertificates = [], jwt } = auth ?? {};
  const isAsked = apiKeys.length > 0 || jwt !== undefined || tls?.clientCa !== undefined;
  const known = [
    ...[...apiKeys, ...clientCertificates].map(({ name }) => name),
    'stdio',
    ...(isAsked ? [] : ['anonymous']),
  ];
  if (known.some((name) => matchesGlob(pattern, name))) return undefined;
  const [head = ''] = pattern.split('*');
  // Names that begin so are chosen elsewhere: subjects of tokens, names of certificates that the CA vouches for.
  const beginnings = [
    ...OF_CONSOLE,
    ...(jwt ? ['jwt:'] : []),
    ...(tls?.clientCa !== undefined && clientCertificates.length === 0 ? ['cert:'] : []),
  ];
  const isOpen = beginnings.some((start) => head.startsWith(start) || (pattern !== head && start.startsWith(head)));
  if (isOpen) return undefined;
  return `can never match: nobody has the name "${pattern}"${didYouMean(pattern, known)} (known: ${known.join(', ')})`;
}
