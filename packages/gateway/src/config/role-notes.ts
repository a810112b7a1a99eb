import { ITEM_KINDS, opensServer, PATTERNS_OF } from './item-patterns.ts';
import { formatPlace } from './place.ts';
import type { GatewayConfig } from './schema.ts';

/** What roles mean that their author may not have meant: credentials that no role limits beside those that one does, and patterns of no server. */
export function* roleNotes({ gateway, roles, plugins, mcpServers }: GatewayConfig): Generator<string> {
  if (Object.keys(roles).length === 0) return;
  const { apiKeys = [], clientCertificates = [], jwt } = gateway.auth ?? {};
  const free = [
    ...apiKeys.flatMap((entry, index) => (entry.roles || entry.admin ? [] : [`apiKeys[${index}] ("${entry.name}")`])),
    ...clientCertificates.flatMap(({ roles, name }, index) =>
      roles ? [] : [`clientCertificates[${index}] ("${name}")`],
    ),
    ...(jwt && !jwt.roles ? ['jwt'] : []),
  ];
  if (free.length > 0) {
    const may =
      free.length === 1
        ? 'has no "roles" and may use everything it sees'
        : 'have no "roles" and may use everything they see';
    yield `gateway.auth: ${free.join(', ')} ${may}`;
  }
  const servers = [...Object.keys(plugins), ...Object.keys(mcpServers)];
  for (const [name, role] of Object.entries(roles)) {
    for (const kind of ITEM_KINDS) {
      const key = PATTERNS_OF[kind];
      for (const way of ['allow', 'deny'] as const) {
        for (const [index, pattern] of role[key][way].entries()) {
          if (servers.some((server) => opensServer(pattern, server))) continue;
          yield `${formatPlace(['roles', name, key, way, index])} can never match: nothing that is configured is named "${pattern.split('/')[0]}"`;
        }
      }
    }
  }
}
