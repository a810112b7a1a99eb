import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { readTextFile } from './read-text-file.ts';
import { whyUnreadable } from './why-unreadable.ts';

/**
 * Reads a file of `NAME=value` lines, quotes and comments as `node --env-file` has them. The process's environment is
 * left alone.
 *
 * @throws GATEWAY_CONFIG when the file cannot be read, or has a line that is none of these.
 */
export async function readEnvFile(
  path: string,
  read: (path: string) => Promise<string> = readTextFile,
): Promise<Readonly<Record<string, string | undefined>>> {
  let text: string;
  try {
    text = await read(path);
  } catch (error) {
    throw new ConfigError(resolve(path), [{ place: [], message: whyUnreadable(error, 'the env file') }], {
      cause: error,
    });
  }
  const problems = [...strayLines(text)].map((line): ConfigProblem => ({ place: [], message: 'not NAME=value', line }));
  if (problems.length > 0) throw new ConfigError(path, problems);
  return parseEnv(text);
}

/** Numbers of the lines, from 1, that the parser would pass over in silence. What they hold may be secret. */
function* strayLines(text: string): Generator<number> {
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]?.trim() ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const [assignment, quote = '', rest = ''] = /^(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(["'`]?)(.*)$/.exec(line) ?? [];
    if (assignment === undefined) yield at + 1;
    else if (quote !== '' && !rest.includes(quote)) {
      // A quoted value may go on over lines; a quote that is never closed is a part of the value.
      const end = lines.findIndex((later, index) => index > at && later.includes(quote));
      if (end !== -1) at = end;
    }
  }
}
