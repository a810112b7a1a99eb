import { parse as parseJson } from 'jsonc-parser';
import { parseJsonConfig } from '../config/json-config.ts';
import type { ClientEntry, ClientFileChange } from './export-entry.ts';
import { addToList, removeJson, setJson } from './set-json.ts';
import { childTree, isTree, kindOf, type Tree } from './tree.ts';

/**
 * The text of a client's file with the gateway in it. Everything else of it stays as it is, comments too.
 *
 * @throws GATEWAY_CONFIG when its syntax is broken; Error when the section is none.
 */
export async function writeEntries(text: string, path: string, change: ClientFileChange): Promise<string> {
  const format = change.entries[0]?.form.format;
  if (format === 'toml') return (await import('./write-toml.ts')).writeTomlEntries(text, path, change);
  if (format === 'yaml') return writeYaml(text, path, change);
  return writeJson(text, path, change);
}

/** The piece of a client's file that has only the gateway in it. */
export async function entrySnippet(entries: readonly ClientEntry[]): Promise<string> {
  return writeEntries('', '', { entries, removed: [] });
}

function writeJson(text: string, path: string, { entries, removed }: ClientFileChange): string {
  const start = text.trim() === '' ? '{}\n' : text;
  const { tree } = parseJsonConfig(start, path);
  let next = start;
  for (const { form, name, entry, input } of entries) {
    refuseNoSection(tree, form.section, path);
    for (const gone of removed) next = removeJson(next, form.section, gone);
    next = setJson(next, form.section, name, entry);
    if (input !== undefined) next = withInput(next, input);
  }
  return next;
}

function withInput(text: string, input: Tree): string {
  const { inputs } = parseJson(text, [], { allowTrailingComma: true }) as { inputs?: unknown };
  const known: readonly unknown[] = Array.isArray(inputs) ? inputs : [];
  if (known.some((item) => isTree(item) && item.id === input.id)) return text;
  return addToList(text, 'inputs', known.length, input);
}

async function writeYaml(text: string, path: string, { entries, removed }: ClientFileChange): Promise<string> {
  const { removeYaml, setYaml } = await import('./set-yaml.ts');
  // It says what is broken, and where.
  const { tree } = (await import('../config/yaml-config.ts')).parseYamlConfig(text, path);
  return entries.reduce((current, { form, name, entry }) => {
    refuseNoSection(tree, form.section, path);
    return setYaml(removeYaml(current, form.section, removed), form.section, name, entry);
  }, text);
}

function refuseNoSection(tree: unknown, section: string, path: string): void {
  if (!isTree(tree) && tree !== null)
    throw new TypeError(
      `${path}: expected an object, got ${kindOf(tree)}; correct it, or name another file with --file`,
    );
  if (!isTree(tree) || tree[section] === undefined || tree[section] === null) return;
  if (childTree(tree, section) === undefined)
    throw new TypeError(`${path}: "${section}" is no object; correct it there`);
}
