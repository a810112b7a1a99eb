/**
 * JSON of a value in one form only: members sorted by the UTF-16 units of their keys, no white space. Numbers that were kept as they were sent stay so:
 * two that a double cannot tell apart are not taken for one.
 *
 * Source: RFC 8785, whose numbers are doubles.
 *
 * @param indent - White space of each level, for people. @default none, as the RFC has it
 */
export function canonicalJson(value: unknown, indent = ''): string {
  return write(value, indent, indent === '' ? '' : '\n');
}

function write(value: unknown, indent: string, line: string): string {
  if (typeof value !== 'object' || value === null || isRaw(value)) return JSON.stringify(value);
  const inner = line === '' ? '' : line + indent;
  const colon = line === '' ? ':' : ': ';
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[${value.map((item) => inner + write(item, indent, inner)).join(',')}${line}]`;
  }
  const members = Object.entries(value as Readonly<Record<string, unknown>>).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  if (members.length === 0) return '{}';
  const written = members.map(([key, item]) => inner + JSON.stringify(key) + colon + write(item, indent, inner));
  return `{${written.join(',')}${line}}`;
}

/** TypeScript does not know `JSON.isRawJSON` yet. */
function isRaw(value: object): boolean {
  return (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value);
}
