import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from './config-error.ts';
import { readTextFile } from './read-text-file.ts';

/**
 * Reads a file of `NAME=value` lines, quotes and comments as `node --env-file` has them. The process's environment is
 * left alone.
 *
 * @throws GATEWAY_CONFIG when the file cannot be read.
 */
export async function readEnvFile(path: string): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    return parseEnv(await readTextFile(path));
  } catch (error) {
    const message = `cannot read the env file; looked at ${resolve(path)}`;
    throw new ConfigError(path, [{ place: [], message }], { cause: error });
  }
}
