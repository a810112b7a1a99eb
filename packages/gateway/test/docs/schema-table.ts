import type { JsonSchema } from '../../src/config/json-schema.ts';

/** Every key of a schema as rows of Markdown tables, one table for each top key. */
export function schemaTables(schema: JsonSchema): string {
  return Object.entries(schema.properties ?? {})
    .filter(([key]) => key !== '$schema')
    .map(
      ([key, section]) => `## ${key}\n\n${section.description ? `${section.description}.\n\n` : ''}${table(section)}`,
    )
    .join('\n');
}

type Row = readonly string[];

function table(section: JsonSchema): string {
  const rest = section.additionalProperties;
  const body = typeof rest === 'object' ? rows(rest, '<name>') : rows(section, '');
  const head = ['key', 'kind', 'default', 'meaning'];
  // Padded as the formatter pads, so that the two leave each other's work alone.
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => (row[column] ?? '').length)));
  const line = (cells: Row): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(line).join('');
}

function rows(schema: JsonSchema, path: string): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const place = path === '' ? key : `${path}.${key}`;
    // Of several kinds at most one is an object with keys of its own.
    const keyed = value.properties ? value : (value.anyOf as JsonSchema[] | undefined)?.find((one) => one.properties);
    const inner = keyed !== undefined || value.items?.properties !== undefined;
    const deeper = keyed ? rows(keyed, place) : value.items?.properties ? rows(value.items, `${place}[]`) : [];
    const fallback = value.default === undefined || inner ? '' : `\`${JSON.stringify(value.default)}\``;
    const row = [`\`${place}\``, kind(value), fallback, (value.description ?? '').replaceAll('*', '\\*')];
    return inner && value.description === undefined ? deeper : [row, ...deeper];
  });
}

function kind({ type, const: only, enum: words, anyOf, items, additionalProperties }: JsonSchema): string {
  if (only !== undefined) return `\`${only}\``;
  if (words) return words.map((word) => `\`${word}\``).join(' \\| ');
  if (Array.isArray(anyOf)) return (anyOf as JsonSchema[]).map(kind).join(' or ');
  if (type === 'array') return `list of ${items ? kind(items) : 'anything'}`;
  if (type === 'object' && typeof additionalProperties === 'object') {
    const value = kind(additionalProperties);
    return value === 'anything' ? 'object' : `object of ${value}`;
  }
  return (
    { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false', object: 'object' }[
      type ?? ''
    ] ?? 'anything'
  );
}
