import { isDeepStrictEqual } from 'node:util';
import {
  applyEdits,
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type Node,
  parseTree,
} from 'jsonc-parser';
import { isTree, mapTexts } from './tree.ts';

/** `SyntaxKind` of jsonc-parser, whose own enumeration exists in declarations only. */
const COMMA = 5;
const COMMENTS: readonly number[] = [12, 13];
const BLANKS = 15;

/**
 * Puts a value into a section of a JSON text with comments, and leaves everything else of the text as it is: comments, order, line breaks, indentation.
 */
export function setJson(text: string, section: string, name: string, value: unknown): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const holder = root && findNodeAtLocation(root, [section]);
  const present = holder && findNodeAtLocation(holder, [name]);
  if (present && isDeepStrictEqual(plain(getNodeValue(present)), plain(value))) return text;
  if (!root || present) return replaceJson(text, [section, name], value);
  return holder
    ? insertProperty(text, holder, [section, name], value)
    : insertProperty(text, root, [section], { [name]: value });
}

/** The parser's objects have no prototype. */
function plain(value: unknown): unknown {
  return mapTexts(value, (text) => text);
}

/** Takes a value out of a section, with its lines where it has lines of its own. */
export function removeJson(text: string, section: string, name: string): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const property = root && findNodeAtLocation(root, [section, name])?.parent;
  const siblings = property?.parent?.children;
  if (!property || !siblings) return text;
  const { hasComma, after } = restOfLine(text, property.offset + property.length);
  const start = text.lastIndexOf('\n', property.offset) + 1;
  const end = text.indexOf('\n', after) + 1;
  const hasOwnLines =
    text.slice(start, property.offset).trim() === '' && text.slice(after, end).trim() === '' && end > 0;
  if (!hasOwnLines) return applyEdits(text, modify(text, [section, name], undefined, {}));
  const kept = `${text.slice(0, start)}${text.slice(end)}`;
  const previous = siblings[siblings.indexOf(property) - 1];
  const isLast = siblings.at(-1) === property;
  return isLast && !hasComma && previous ? withoutComma(kept, previous.offset + previous.length) : kept;
}

/** Takes the comma away that follows a value. */
function withoutComma(text: string, end: number): string {
  const scanner = createScanner(text, true);
  scanner.setPosition(end);
  if (Number(scanner.scan()) !== COMMA) return text;
  const at = scanner.getTokenOffset();
  return text.slice(0, at) + text.slice(at + 1);
}

/** Puts a value at the end of a list of so many items, which need not be there. */
export function addToList(text: string, key: string, length: number, value: unknown): string {
  return length === 0 ? replaceJson(text, [key], [value]) : replaceJson(text, [key, length], value);
}

function replaceJson(text: string, place: readonly (string | number)[], value: unknown): string {
  const { indent, eol } = styleOf(text);
  const insertSpaces = !indent.startsWith('\t');
  const formattingOptions = { insertSpaces, tabSize: insertSpaces ? indent.length : 1, eol };
  return applyEdits(text, modify(text, [...place], value, { formattingOptions }));
}

/** jsonc-parser would format the property before the new one as well. */
function insertProperty(text: string, holder: Node, place: readonly string[], value: unknown): string {
  const last = holder.children?.at(-1);
  const line = last && text.slice(text.lastIndexOf('\n', last.offset) + 1, last.offset);
  if (!last || line === undefined || /\S/.test(line)) return replaceJson(text, place, value);
  const { indent, eol } = styleOf(text);
  const end = last.offset + last.length;
  const { hasComma, after } = restOfLine(text, end);
  const written = `${JSON.stringify(place.at(-1))}: ${layOut(value, indent, line, eol)}`;
  const comma = hasComma ? text.slice(end, after) : `,${text.slice(end, after)}`;
  return `${text.slice(0, end)}${comma}${eol}${line}${written}${hasComma ? ',' : ''}${text.slice(after)}`;
}

/** What stands behind a value in its line: a comma, and comments that belong to it. */
function restOfLine(text: string, end: number): { readonly hasComma: boolean; readonly after: number } {
  const scanner = createScanner(text, false);
  scanner.setPosition(end);
  let hasComma = false;
  let after = end;
  for (;;) {
    const token: number = scanner.scan();
    if (token === BLANKS) continue;
    if (token === COMMA && !hasComma) hasComma = true;
    else if (!COMMENTS.includes(token)) return { hasComma, after };
    after = scanner.getTokenOffset() + scanner.getTokenLength();
  }
}

/** The indentation and line ends that a text has. */
function styleOf(text: string): { readonly indent: string; readonly eol: string } {
  const [, indent = '  '] = /^([ \t]+)"/m.exec(text) ?? [];
  return { indent, eol: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** JSON as people write it: objects on lines of their own, short lists in one. */
function layOut(value: unknown, indent: string, line: string, eol: string): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
    return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
  if (Array.isArray(value))
    return `[${value.map((item) => `${eol}${line}${indent}${layOut(item, indent, line + indent, eol)}`).join(',')}${eol}${line}]`;
  if (!isTree(value)) return JSON.stringify(value);
  const rows = Object.entries(value).map(
    ([key, item]) => `${eol}${line}${indent}${JSON.stringify(key)}: ${layOut(item, indent, line + indent, eol)}`,
  );
  return rows.length === 0 ? '{}' : `{${rows.join(',')}${eol}${line}}`;
}
