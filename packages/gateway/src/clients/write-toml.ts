import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'smol-toml';
import type { ClientEntry, ClientFileChange } from './export-entry.ts';
import { parseToml } from './parse-toml.ts';
import { childTree, isTree, mapTexts, type Tree } from './tree.ts';

/**
 * As `writeEntries`, for TOML: tables of servers that go are cut out, those that come are put at the end.
 *
 * @throws GATEWAY_CONFIG when the syntax is broken; Error when the file is written in a way in which that cannot be done.
 */
export function writeTomlEntries(text: string, path: string, { entries, removed }: ClientFileChange): string {
  const before = parseToml(text, path);
  const section = entries[0]?.form.section ?? '';
  const gone = [...removed, ...entries.map(({ name }) => name)];
  const kept = cutTables(text, section, gone);
  const added = entries.map(({ form, name, entry }) => `${stringify({ [form.section]: { [name]: entry } }).trim()}\n`);
  const next = [kept.trimEnd(), ...added].filter((part) => part !== '').join('\n\n');
  // Tables can be written in many ways: what came of it has to be what was meant.
  const expected = { ...(before as Tree), [section]: { ...without(before, section, gone), ...ofEntries(entries) } };
  if (isDeepStrictEqual(parsed(next), plain(expected))) return next;
  throw new TypeError(
    `${path}: its servers are written in a way that cannot be changed safely; put the entry in by hand`,
  );
}

/** As plain objects; undefined where it is broken. */
function parsed(text: string): unknown {
  try {
    return plain(parseToml(text, ''));
  } catch {
    return undefined;
  }
}

function plain(value: unknown): unknown {
  return mapTexts(value, (text) => text);
}

/** Cuts the tables `[section.name]` and those below them out, with the comments right above each. */
function cutTables(text: string, section: string, names: readonly string[]): string {
  let isCut = false;
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    const header = /^\s*\[{1,2}\s*(.+?)\s*\]{1,2}\s*(#.*)?$/.exec(line)?.[1];
    if (header !== undefined) {
      const [first, second] = headerKeys(header);
      isCut = first === section && second !== undefined && names.includes(second);
      if (isCut) while (/^\s*#/.test(kept.at(-1) ?? '')) kept.pop();
    }
    if (!isCut) kept.push(line);
  }
  return kept.join('\n');
}

function headerKeys(header: string): readonly string[] {
  return [...header.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

function without(tree: unknown, section: string, names: readonly string[]): Tree {
  const servers = (isTree(tree) ? childTree(tree, section) : undefined) ?? {};
  return Object.fromEntries(Object.entries(servers).filter(([name]) => !names.includes(name)));
}

function ofEntries(entries: readonly ClientEntry[]): Tree {
  return Object.fromEntries(entries.map(({ name, entry }) => [name, entry]));
}
