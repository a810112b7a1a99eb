import { findNodeAtLocation, type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import { ConfigError } from './config-error.ts';
import type { ConfigText } from './config-text.ts';

/** A key that stands twice in one object, of which the first is not read. */
export interface RepeatedKey {
  readonly key: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Parses JSON with comments and trailing commas.
 *
 * @param onRepeated - Told of each key that stands twice, whose last value is taken then. Without it, that is an error.
 * @throws GATEWAY_CONFIG with line and column when the syntax is broken or a key stands twice.
 */
export function parseJsonConfig(
  text: string,
  source: string,
  onRepeated?: (repeated: RepeatedKey) => void,
): ConfigText {
  const errors: ParseError[] = [];
  const tree: unknown = parse(text, errors, { allowTrailingComma: true });
  const position = (offset: number) => {
    const before = text.slice(0, offset).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
  };
  const [first] = errors;
  if (text.trim() === '')
    throw new ConfigError(source, [{ place: [], message: 'the file is empty: nothing to serve' }]);
  if (first) {
    // What follows the first is mostly its consequence.
    const message = `broken JSON: ${describe(printParseErrorCode(first.error), text, first.offset)}`;
    throw new ConfigError(source, [{ place: [], message, ...position(first.offset) }]);
  }
  const root = parseTree(text, [], { allowTrailingComma: true });
  for (const { offset, key } of root ? wrongKeys(root) : []) {
    const isRepeated = key !== '__proto__';
    if (isRepeated && onRepeated) onRepeated({ key, ...position(offset) });
    else {
      const message = isRepeated ? `the key "${key}" stands twice; remove one` : 'a name cannot be "__proto__"';
      throw new ConfigError(source, [{ place: [], message, ...position(offset) }]);
    }
  }
  return {
    source,
    tree,
    locate(place) {
      for (let length = place.length; root && length > 0; length--) {
        const node = findNodeAtLocation(root, place.slice(0, length));
        if (node) return position(node.offset);
      }
      return undefined;
    },
  };
}

/** What is wrong where the parser stopped, and what to do, by the parser's own codes. */
const BROKEN: Readonly<Record<string, string>> = {
  ValueExpected: 'a value is missing; write one here, or remove what asks for it before',
  ColonExpected: 'a colon is missing; write it between the key and its value',
  CommaExpected: 'a comma is missing; write one after what stands before this',
  CloseBraceExpected: 'a closing brace is missing; write "}" where the object ends',
  CloseBracketExpected: 'a closing bracket is missing; write "]" where the list ends',
  PropertyNameExpected: 'a key is missing; write one in double quotes, or remove what stands here',
  EndOfFileExpected: 'the whole has ended before this; remove what follows, or a closing brace too many before',
  InvalidNumberFormat: 'this is no number; write it plainly, such as 3000, or put it in double quotes',
  UnexpectedEndOfNumber: 'a number breaks off; write the rest of it',
  UnexpectedEndOfComment: 'a comment has no end; write */ where it ends',
  InvalidCommentToken: 'this is no comment; comments begin with // or stand between /* and */',
  InvalidCharacter: 'a text has a line break or a tab in it; write \\n or \\t',
};

type JsonNode = NonNullable<ReturnType<typeof parseTree>>;

/** Keys of which a parser keeps only one, or none. */
function* wrongKeys(node: JsonNode): Generator<{ readonly offset: number; readonly key: string }> {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = node.type === 'object' ? child.children?.[0] : undefined;
    if (key && (seen.has(key.value) || key.value === '__proto__')) yield { offset: key.offset, key: String(key.value) };
    if (key) seen.add(key.value);
    yield* wrongKeys(child);
  }
}

function describe(code: string, text: string, offset: number): string {
  const character = text.charAt(offset);
  if (character === "'") return 'texts stand in double quotes';
  if (/[\u2018-\u201F]/.test(character)) return 'texts stand in straight double quotes ("), not in curly ones';
  if (code === 'InvalidEscapeCharacter' || code === 'InvalidUnicode')
    return 'in a text a backslash is written twice, as in "C:\\\\Users\\\\me"';
  if (code === 'UnexpectedEndOfString') return 'a text has no double quote at its end';
  if (code === 'EndOfFileExpected' && /^\s*"/.test(text))
    return 'braces are missing around the whole: { "mcpServers": {...} }';
  return BROKEN[code] ?? 'something stands here that JSON does not have; remove it, or put it in double quotes';
}
