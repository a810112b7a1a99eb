import { extname, resolve } from 'node:path';
import { findNodeAtLocation, type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { ConfigError } from './config-error.ts';
import type { Place } from './place.ts';
import { readTextFile } from './read-text-file.ts';

/** A configuration as it was written: nothing expanded, nothing checked but its syntax. */
export interface ConfigText {
  /** What messages call it: the file's path, or `stdin`. */
  readonly source: string;
  readonly tree: unknown;
  /** Line and column of a value, counted from 1; of the nearest enclosing value where that one is absent. */
  locate(place: Place): { readonly line: number; readonly column: number } | undefined;
}

/** File names that are looked for where no configuration is named, first match wins. */
export const DEFAULT_FILES: readonly string[] = ['lockgate.json', 'lockgate.jsonc', 'lockgate.yaml', 'lockgate.yml'];

/**
 * Reads a configuration file: YAML where its name ends so, else JSON with comments and trailing commas.
 *
 * @throws GATEWAY_CONFIG when it cannot be read or its syntax is broken.
 */
export async function loadConfigFile(path: string): Promise<ConfigText> {
  let text: string;
  try {
    text = await readTextFile(path);
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'cannot read the file';
    throw new ConfigError(path, [{ place: [], message: `${reason}; looked at ${resolve(path)}` }], { cause: error });
  }
  return parseConfigText(text, path, /^\.ya?ml$/i.test(extname(path)) ? 'yaml' : 'json');
}

/**
 * Parses a configuration text. Without a format, a text that begins with `{` or a comment is JSON, any other YAML.
 *
 * @throws GATEWAY_CONFIG with line and column when the syntax is broken or a key stands twice.
 */
export function parseConfigText(text: string, source: string, format?: 'json' | 'yaml'): ConfigText {
  const plain = text.replace(/^\uFEFF/, '');
  if (format === 'json' || (format === undefined && /^\s*(\{|\/[/*])/.test(plain))) return parseJson(plain, source);
  return parseYaml(plain, source);
}

function parseJson(text: string, source: string): ConfigText {
  const errors: ParseError[] = [];
  const tree: unknown = parse(text, errors, { allowTrailingComma: true });
  const position = (offset: number) => {
    const before = text.slice(0, offset).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
  };
  const [first] = errors;
  if (first) {
    // What follows the first is mostly its consequence.
    const message = `broken JSON: ${describe(printParseErrorCode(first.error), text.charAt(first.offset))}`;
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

function describe(code: string, character: string): string {
  if (character === "'") return 'texts stand in double quotes';
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function parseYaml(text: string, source: string): ConfigText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    throw new ConfigError(
      source,
      document.errors.slice(0, 5).map(({ message, pos }) => ({
        place: [],
        message: `broken YAML: ${message}`,
        ...position(pos[0]),
      })),
    );
  }
  return {
    source,
    tree: document.contents === null ? {} : document.toJS({ maxAliasCount: 100 }),
    locate(place) {
      for (let length = place.length; isMap(document.contents) && length > 0; length--) {
        const node = document.getIn(place.slice(0, length), true) as { range?: [number, number, number] } | undefined;
        if (node?.range) return position(node.range[0]);
      }
      return undefined;
    },
  };
}
