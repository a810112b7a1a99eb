import { ConfigError } from '../config/config-error.ts';
import type { Section } from './client.ts';
import { setJson } from './set-json.ts';
import { isTree, kindOf, type Tree } from './tree.ts';

export interface NewEntry {
  readonly section: Section;
  readonly name: string;
  readonly entry: Tree;
}

/** Where editors find the schema of the configuration. */
export const SCHEMA_FILE = 'lockgate.schema.json';

/** The text of a configuration of nothing. */
export const EMPTY_CONFIG: string = `{
  "$schema": "./${SCHEMA_FILE}"
}
`;

/**
 * Puts entries into the text of a configuration, and leaves everything else of it as it is: comments, order, indentation.
 *
 * @throws GATEWAY_CONFIG when a section is none that entries could go into.
 */
export function mergeJson(text: string, tree: Tree, entries: readonly NewEntry[], source: string): string {
  checkSections(tree, entries, source, false);
  return entries.reduce((current, { section, name, entry }) => setJson(current, section, name, entry), text);
}

/** As `mergeJson`, for YAML. */
export async function mergeYaml(
  text: string,
  tree: Tree,
  entries: readonly NewEntry[],
  source: string,
): Promise<string> {
  // A section without anything under it is how YAML writes an empty one.
  checkSections(tree, entries, source, true);
  const { setYaml } = await import('./set-yaml.ts');
  return entries.reduce((current, { section, name, entry }) => setYaml(current, section, name, entry), text);
}

function checkSections(tree: Tree, entries: readonly NewEntry[], source: string, isNullEmpty: boolean): void {
  const wrong = [...new Set(entries.map(({ section }) => section))].filter(
    (section) => tree[section] !== undefined && !isTree(tree[section]) && !(tree[section] === null && isNullEmpty),
  );
  if (wrong.length === 0) return;
  throw new ConfigError(
    source,
    wrong.map((section) => ({ place: [section], message: `expected an object, got ${kindOf(tree[section])}` })),
  );
}
