import { findNodeAtLocation, type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import { ConfigError } from './config-error.ts';
import type { ConfigText } from './config-text.ts';

/**
 * Parses JSON with comments and trailing commas.
 *
 * @throws GATEWAY_CONFIG with line and column when the syntax is broken or a key stands twice.
 */
export function parseJsonConfig(text: string, source: string): ConfigText {
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
  for (const { offset, message } of root ? wrongKeys(root) : []) {
    throw new ConfigError(source, [{ place: [], message, ...position(offset) }]);
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

type JsonNode = NonNullable<ReturnType<typeof parseTree>>;

/** Keys of which a parser keeps only one, or none. */
function* wrongKeys(node: JsonNode): Generator<{ readonly offset: number; readonly message: string }> {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = node.type === 'object' ? child.children?.[0] : undefined;
    if (key && seen.has(key.value))
      yield { offset: key.offset, message: `the key "${key.value}" stands twice; remove one` };
    if (key?.value === '__proto__') yield { offset: key.offset, message: 'a name cannot be "__proto__"' };
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
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}
