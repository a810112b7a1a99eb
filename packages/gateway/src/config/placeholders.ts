import { formatPlace, type Place } from './place.ts';

/** How READMEs write that the reader's own value stands here: `<token>`, `YOUR_API_KEY`, `your-token-here`, `sk-xxxx`, `/path/to/file`. */
const PLACEHOLDER =
  /^(?:<[^<>]+>|\[?your[-_ ][\w -]*\]?|[\w-]*[-_]here|(?:[a-z\d]+[-_])*x{3,}|\.{3}|\u2026|(?:[a-z]:)?[\\/]path[\\/]to(?:[\\/].*)?)$/i;

/** What stands before a value in one text: `Bearer `, `--api-key=`. */
const BEFORE = /^(?:[a-z]+ +|--?[\w.-]+=|[\w.-]+=)/i;

/** Says where an example of a README was copied and not filled in. The text itself is not shown: somebody's password may look the same. */
export function placeholders(tree: unknown): readonly string[] {
  const servers = entriesOf((tree as { mcpServers?: unknown } | null)?.mcpServers);
  return servers.flatMap(([server, entry]) =>
    ['args', 'env', 'headers'].flatMap((group) => {
      const values = (entry as Record<string, unknown> | null)?.[group];
      const isList = Array.isArray(values);
      return entriesOf(values)
        .filter(([, value]) => typeof value === 'string' && isPlaceholder(value))
        .map(([key]) => {
          const place: Place = ['mcpServers', server, group, isList ? Number(key) : key];
          return `${formatPlace(place)}: this looks like an example that was not filled in; write your own value`;
        });
    }),
  );
}

function isPlaceholder(value: string): boolean {
  return PLACEHOLDER.test(value) || PLACEHOLDER.test(value.replace(BEFORE, ''));
}

function entriesOf(node: unknown): readonly [string, unknown][] {
  return typeof node === 'object' && node !== null ? Object.entries(node) : [];
}
