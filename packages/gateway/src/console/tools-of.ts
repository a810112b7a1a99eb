import type { Served } from '../call/served.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Tool } from './api.ts';

/** The tools that this caller sees, as clients know them. */
export function toolsOf(catalog: Catalog<Served>): readonly Tool[] {
  return catalog.list('tools').map((tool) => {
    const name = tool.text('name') ?? '';
    const found = catalog.tool(name);
    const value = tool.toValue();
    return {
      name,
      server: found?.source.name ?? '',
      ownName: found?.ownName ?? name,
      ...optional(value, 'title'),
      ...optional(value, 'description'),
      inputSchema: value.inputSchema ?? {},
      ...optional(value, 'outputSchema'),
      ...optional(value, 'annotations'),
    };
  });
}

function optional(value: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  return value[key] === undefined ? {} : { [key]: value[key] };
}
