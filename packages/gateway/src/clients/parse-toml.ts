import { parse, TomlError } from 'smol-toml';
import { ConfigError } from '../config/config-error.ts';

/** @throws GATEWAY_CONFIG with line and column when the syntax is broken. */
export function parseToml(text: string, source: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // What follows the first line is a part of the file, which may hold secrets.
    const [reason = ''] = error.message.split('\n');
    const message = `broken TOML: ${reason.replace(/^Invalid TOML document:\s*/, '')}`;
    throw new ConfigError(source, [{ place: [], message, line: error.line, column: error.column }], { cause: error });
  }
}
