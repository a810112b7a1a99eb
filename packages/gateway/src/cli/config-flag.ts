import { basename, dirname, resolve } from 'node:path';
import { DEFAULT_FILES } from '../config/load.ts';
import { quoted } from '../quoted.ts';

/**
 * What a hint adds to a command of lockgate so that it means the configuration that this one was given, with a space before it;
 * empty where a command finds that one by itself.
 *
 * @param given - The value of `--config`, if any.
 */
export function configFlag(given: unknown, workingFolder: string): string {
  if (given === undefined) return '';
  const path = resolve(workingFolder, String(given));
  const isFound = dirname(path) === workingFolder && DEFAULT_FILES.includes(basename(path));
  return isFound ? '' : ` --config ${quoted(String(given))}`;
}
