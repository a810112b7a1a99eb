import { extname, resolve } from 'node:path';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { ConfigText } from './config-text.ts';
import { isToml } from './is-toml.ts';
import { parseJsonConfig } from './json-config.ts';
import { parseShallow } from './parse-shallow.ts';
import { readTextFile } from './read-text-file.ts';
import { whyUnreadable } from './why-unreadable.ts';

/** File names that are looked for where no configuration is named, first match wins. */
export const DEFAULT_FILES: readonly string[] = ['lockgate.json', 'lockgate.jsonc', 'lockgate.yaml', 'lockgate.yml'];

/**
 * Reads a configuration file: YAML where its name ends so, else JSON with comments and trailing commas.
 *
 * @throws GATEWAY_CONFIG when it cannot be read or its syntax is broken.
 */
export async function loadConfigFile(
  path: string,
  read: (path: string) => Promise<string> = readTextFile,
): Promise<ConfigText> {
  let text: string;
  try {
    text = await read(path);
  } catch (error) {
    throw new ConfigError(resolve(path), [{ place: [], message: whyUnreadable(error) }], { cause: error });
  }
  return parseConfigText(text, path, formatOf(path));
}

export function formatOf(path: string): 'json' | 'yaml' {
  return /^\.ya?ml$/i.test(extname(path)) ? 'yaml' : 'json';
}

/**
 * Parses a configuration text. Without a format, a text that begins with `{` or a comment is JSON, any other YAML.
 *
 * @throws GATEWAY_CONFIG with line and column when the syntax is broken; in YAML also where a key stands twice.
 */
export async function parseConfigText(text: string, source: string, format?: 'json' | 'yaml'): Promise<ConfigText> {
  const plain = text.replace(/^\uFEFF/, '');
  if (isToml(plain, source)) throw new ConfigError(source, [{ place: [], message: tomlRemedy(plain) }]);
  if (format === 'json' || (format === undefined && /^\s*(\{|\/[/*])/.test(plain)))
    return parseShallow(source, () => withRepeatedKeys(plain, source));
  // A parser of YAML takes some MB that most gateways need for nothing.
  const { parseYamlConfig } = await import('./yaml-config.ts');
  return parseShallow(source, () => parseYamlConfig(plain, source));
}

/** A key that stands twice is told with whatever else is wrong, and not before all that. */
function withRepeatedKeys(text: string, source: string): ConfigText {
  const problems: ConfigProblem[] = [];
  const parsed = parseJsonConfig(text, source, ({ key, ...position }) =>
    problems.push({ place: [], message: `the key "${key}" stands twice; remove one`, ...position }),
  );
  return { ...parsed, problems };
}

function tomlRemedy(text: string): string {
  const [table, name] = /^\s*\[mcp_servers\.([\w-]+)\]/m.exec(text) ?? ['[mcp_servers.x]', 'x'];
  return `this is TOML; Lockgate reads JSON or YAML: ${table.trim()} becomes "mcpServers": {"${name}": {...}}`;
}
