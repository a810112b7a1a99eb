import { ConfigError } from './config-error.ts';

/** No configuration has as many levels of objects and lists; what reads trees goes into them level by level. */
const MOST_LEVELS = 100;

/**
 * Parses a text into a tree of few levels.
 *
 * @throws GATEWAY_CONFIG where it is nested too deeply, as nobody writes it; what the parser throws.
 */
export function parseShallow<T extends { readonly tree: unknown }>(source: string, parse: () => T): T {
  let parsed: T;
  try {
    parsed = parse();
  } catch (error) {
    // Parsers go down level by level too.
    if (error instanceof RangeError) throw tooDeep(source);
    throw error;
  }
  let level = [parsed.tree];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) throw tooDeep(source);
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []));
  }
  return parsed;
}

function tooDeep(source: string): ConfigError {
  const message = `it is nested too deeply, more than ${MOST_LEVELS} levels; a configuration needs less than ten`;
  return new ConfigError(source, [{ place: [], message }]);
}
