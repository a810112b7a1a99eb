import { formatPlace } from './place.ts';

/**
 * Says which of the texts that servers take their secrets from hold a variable as shells write it, without braces. A name is shown only where it
 * is one: a password may look the same.
 */
export function unreplacedVariables(
  tree: unknown,
  variables: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return entriesOf((tree as { mcpServers?: unknown } | null)?.mcpServers).flatMap(([server, entry]) =>
    ['env', 'headers'].flatMap((group) =>
      entriesOf((entry as Record<string, unknown> | null)?.[group]).flatMap(([key, value]) => {
        const [, found] = typeof value === 'string' ? (/(?:^|\s)\$([A-Z_][A-Z0-9_]*)$/.exec(value) ?? []) : [];
        if (found === undefined) return [];
        const name = variables[found] !== undefined || found === key ? found : 'NAME';
        return [
          `${formatPlace(['mcpServers', server, group, key])}: "$${name}" is not replaced here; write \${${name}}`,
        ];
      }),
    ),
  );
}

function entriesOf(node: unknown): readonly [string, unknown][] {
  return typeof node === 'object' && node !== null ? Object.entries(node) : [];
}
