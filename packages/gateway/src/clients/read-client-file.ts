import { extname } from 'node:path';
import { ConfigError } from '../config/config-error.ts';
import { isToml } from '../config/is-toml.ts';
import { parseJsonConfig, type RepeatedKey } from '../config/json-config.ts';
import { parseShallow } from '../config/parse-shallow.ts';
import type { Client, ClientFile, Format, Found } from './client.ts';
import { recogniseClient } from './clients.ts';
import { IMPORTED_CLIENTS } from './ids.ts';
import { isTree, kindOf } from './tree.ts';

/** A client's file as Lockgate understands it. */
export interface ReadFile {
  readonly path: string;
  readonly client: Client;
  readonly found: readonly Found[];
  /** What of the whole file its author may not have meant, one sentence each, with the place. */
  readonly notes: readonly string[];
}

/**
 * Reads the text of a client's file.
 *
 * @param from - Whose file it is; without it, that is found out.
 * @throws GATEWAY_CONFIG when its syntax is broken, or it is no client's.
 */
export async function readClientFile(path: string, text: string, home: string, from?: Client): Promise<ReadFile> {
  const repeated: RepeatedKey[] = [];
  const file = await parseClientText(path, text, home, (one) => void repeated.push(one));
  const client = from ?? recogniseClient(file);
  if (client === undefined) {
    const known = IMPORTED_CLIENTS.join(', ');
    const message = `no MCP servers of a client that is known stand here; say with --from whose file it is (${known})`;
    throw new ConfigError(path, [{ place: [], message }]);
  }
  const notes = repeated.map(
    ({ key, line, column }) =>
      `${path}:${line}:${column}: the key "${key}" stands twice; the last one is taken, as ${client.name} does`,
  );
  return { path, client, found: client.read(file), notes };
}

/**
 * @param onRepeated - Told of each key of JSON that stands twice, whose last value is taken then. Without it, that is an error.
 * @throws GATEWAY_CONFIG when the syntax is broken, or the whole is no object.
 */
export async function parseClientText(
  path: string,
  text: string,
  home: string,
  onRepeated?: (repeated: RepeatedKey) => void,
): Promise<ClientFile> {
  const plain = text.replace(/^\uFEFF/, '');
  const format = formatOf(path, plain);
  const tree = await parse(format, plain, path, onRepeated);
  if (isTree(tree)) return { path, home, format, tree };
  throw new ConfigError(path, [{ place: [], message: `expected an object, got ${kindOf(tree)}` }]);
}

function formatOf(path: string, text: string): Format {
  if (isToml(text, path)) return 'toml';
  if (/^\.ya?ml$/i.test(extname(path))) return 'yaml';
  return /^\s*(\{|\[|"|\/[/*])/.test(text) || /^\.json[c5]?$/i.test(extname(path)) ? 'json' : 'yaml';
}

/** Parsers that few need are loaded when they are. */
async function parse(
  format: Format,
  text: string,
  path: string,
  onRepeated: ((repeated: RepeatedKey) => void) | undefined,
): Promise<unknown> {
  switch (format) {
    case 'json':
      return parseShallow(path, () => parseJsonConfig(text, path, onRepeated)).tree;
    case 'yaml': {
      const { parseYamlConfig } = await import('../config/yaml-config.ts');
      return parseShallow(path, () => parseYamlConfig(text, path)).tree;
    }
    case 'toml': {
      const { parseToml } = await import('./parse-toml.ts');
      return parseShallow(path, () => ({ tree: parseToml(text, path) })).tree;
    }
    default: {
      const unknown: never = format;
      throw new TypeError(String(unknown));
    }
  }
}
