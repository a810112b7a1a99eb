import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, parse, parseDocument, stringify, type YAMLMap } from 'yaml';
import { childTree, isTree, mapTexts, type Tree } from './tree.ts';

/**
 * Puts a value into a section of a YAML text, and leaves everything else of it as it is. Where that cannot be done by adding lines, the text is written
 * anew: comments stay, but may stand elsewhere.
 */
export function setYaml(text: string, section: string, name: string, value: Tree): string {
  const document = parseDocument(text);
  const before: unknown = document.toJS();
  const tree = isTree(before) ? before : {};
  const expected = { ...tree, [section]: { ...childTree(tree, section), [name]: value } };
  if (isDeepStrictEqual(childTree(tree, section)?.[name], value)) return text;
  const added = addLines(text, document, section, name, value);
  if (added !== undefined && isSame(added, expected)) return withLineEndsOf(text, added);
  if (tree[section] === null) document.delete(section);
  document.setIn([section, name], document.createNode(value));
  return withLineEndsOf(text, document.toString({ lineWidth: 0 }));
}

/** Takes values out of a section. */
export function removeYaml(text: string, section: string, names: readonly string[]): string {
  const document = parseDocument(text);
  const gone = names.filter((name) => document.hasIn([section, name]));
  if (gone.length === 0) return text;
  for (const name of gone) document.deleteIn([section, name]);
  return withLineEndsOf(text, document.toString({ lineWidth: 0 }));
}

/** The parser writes line feeds, whatever the text has had. */
function withLineEndsOf(text: string, next: string): string {
  return /\r\n/.test(text) && !/(?<!\r)\n/.test(text) ? next.replace(/\r?\n/g, '\r\n') : next;
}

function addLines(text: string, document: Document, section: string, name: string, value: Tree): string | undefined {
  const root = document.contents;
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (root === null || (isMap(root) && !root.has(section) && root.flow !== true))
    return whole + stringify({ [section]: { [name]: value } }, { lineWidth: 0 });
  const holder: unknown = isMap(root) ? root.get(section, true) : undefined;
  if (!isMap(holder) || holder.flow === true || holder.has(name)) return undefined;
  const indent = indentOf(text, holder);
  const end = endOf(holder.items.at(-1)?.value);
  if (indent === undefined || end === undefined) return undefined;
  const lineEnd = text.charAt(end - 1) === '\n' ? end : whole.indexOf('\n', end) + 1;
  const lines = stringify({ [name]: value }, { lineWidth: 0 })
    .trimEnd()
    .split('\n');
  return `${whole.slice(0, lineEnd)}${lines.map((line) => `${indent}${line}\n`).join('')}${whole.slice(lineEnd)}`;
}

function indentOf(text: string, holder: YAMLMap): string | undefined {
  const key: unknown = holder.items[0]?.key;
  const start = isScalar(key) ? key.range?.[0] : undefined;
  if (start === undefined) return undefined;
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /^ +$/.test(before) ? before : undefined;
}

function endOf(node: unknown): number | undefined {
  return (node as { readonly range?: readonly [number, number, number] } | null)?.range?.[1];
}

function isSame(text: string, expected: Tree): boolean {
  try {
    const plain = (value: unknown): unknown => mapTexts(value, (item) => item);
    return isDeepStrictEqual(plain(parse(text)), plain(expected));
  } catch {
    return false;
  }
}
