import type { Listed, ListedItem } from './listing.ts';
import { printable } from './printable.ts';
import { columns, cut, type Paint } from './terminal.ts';

/** Where less than this is left for descriptions, they stand on a line of their own. */
const LEAST_WIDTH = 20;

interface Shape {
  readonly paint: Paint;
  /** Of the terminal; nothing is cut where there is none. */
  readonly width: number | undefined;
}

type Item = ListedItem['item'];

/** What stands between the name and the description of each kind. */
const DETAILS: Readonly<Record<Listed, (item: Item) => string>> = {
  tools: hints,
  resources: ({ mimeType, uriTemplate }) => text(mimeType) || (uriTemplate === undefined ? '' : 'template'),
  prompts: ({ arguments: given }) =>
    (Array.isArray(given) ? given : [])
      .map(({ name, required }) => `${text(name)}${required === true ? '' : '?'}`)
      .join(', '),
};

/** A line for each item: its name, its server, what is special about it, and the beginning of what it says of itself. */
export function describeListing(list: Listed, items: readonly ListedItem[], { paint, width }: Shape): string {
  if (items.length === 0) return `no ${list}\n`;
  const details = DETAILS[list];
  const rows = items.map(({ name, server, item }) => [name, server ?? '', details(item)].map(printable));
  // Where there is little room, one server alone needs no column; what programs read has the same columns always.
  const isOneServer = width !== undefined && new Set(rows.map((row) => row[1])).size === 1;
  const isShown = [0, 1, 2].map((column) => !(column === 1 && isOneServer) && rows.some((row) => row[column] !== ''));
  const heads = rows.map((row) => row.filter((_, column) => isShown[column]));
  const widths = heads.reduce<number[]>((most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)), []);
  const taken = widths.reduce((sum, one) => sum + one + 2, 0);
  if (width !== undefined && width - taken < LEAST_WIDTH) return stacked(items, heads, width, paint);
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - taken;
  const lines = items.map(({ item }, at) => [...(heads[at] ?? []), cut(saying(item), room)]);
  return columns(lines.map(([name = '', ...rest]) => [paint('bold', name), ...rest]));
}

/** Each item in two lines. A name is never cut: it is what a call takes. */
function stacked(
  items: readonly ListedItem[],
  heads: readonly (readonly string[])[],
  width: number,
  paint: Paint,
): string {
  return items
    .map(({ item }, at) => {
      const [name = '', ...rest] = heads[at] ?? [];
      const below = [...rest, saying(item)].filter((text) => text !== '').join('  ');
      return `${paint('bold', name)}\n${below === '' ? '' : `  ${cut(below, width - 2)}\n`}`;
    })
    .join('');
}

/** Its title and the first sentence or line of its description. */
function saying({ title, description, annotations, name, uri, uriTemplate }: Item): string {
  const own = text(title) || text((annotations as Item | undefined)?.title);
  // Resources have a name beside their address.
  const head = own || (uri !== undefined || uriTemplate !== undefined ? text(name) : '');
  const [first = ''] = text(description)
    .trim()
    .split(/\n\s*\n|(?<=[.!?])\s+(?=[A-Z])/);
  const said = printable(first).replace(/\s+/g, ' ').trim();
  return printable(head) !== '' && said !== '' ? `${printable(head)}: ${said}` : printable(head) || said;
}

/** What a tool says of its effects. Source: MCP, `ToolAnnotations`. */
export function hints({ annotations }: Item): string {
  const { readOnlyHint, destructiveHint } = (annotations ?? {}) as Item;
  if (readOnlyHint === true) return 'read-only';
  if (destructiveHint === true) return 'destructive';
  return destructiveHint === false ? 'adds only' : '';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
