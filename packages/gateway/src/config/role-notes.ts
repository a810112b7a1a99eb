import type { GatewayConfig } from './schema.ts';

/** Credentials that no role limits, beside those that one does. */
export function* roleNotes({ gateway, roles }: GatewayConfig): Generator<string> {
  if (Object.keys(roles).length === 0) return;
  const { apiKeys = [], clientCertificates = [], jwt } = gateway.auth ?? {};
  const free = [
    ...apiKeys.flatMap((entry, index) =>
      entry.roles || entry.profile || entry.admin ? [] : [`apiKeys[${index}] ("${entry.name}")`],
    ),
    ...clientCertificates.flatMap(({ roles, profile, name }, index) =>
      roles || profile ? [] : [`clientCertificates[${index}] ("${name}")`],
    ),
    ...(jwt && !jwt.roles && !jwt.profile ? ['jwt'] : []),
  ];
  if (free.length > 0) {
    const may =
      free.length === 1
        ? 'has no "roles" and may use everything it sees'
        : 'have no "roles" and may use everything they see';
    yield `gateway.auth: ${free.join(', ')} ${may}`;
  }
}
