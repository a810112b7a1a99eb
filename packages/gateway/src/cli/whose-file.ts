import { basename, dirname, extname, join } from 'node:path';
import { foreignClient } from '../clients/foreign-file.ts';
import { parseClientText } from '../clients/read-client-file.ts';
import { ConfigError, type ConfigProblem } from '../config/config-error.ts';
import { quoted } from '../quoted.ts';
import { machineOf } from './machine.ts';
import type { Terminal } from './terminal.ts';

/**
 * The error to show where a configuration cannot be used: of one that is another client's file, one that says so first, and what to do.
 */
export async function whoseFile(
  error: unknown,
  path: string,
  read: () => Promise<string>,
  terminal: Terminal,
): Promise<unknown> {
  if (!(error instanceof ConfigError) || error.facts.problems.every(isOfVariable)) return error;
  const { home } = machineOf(terminal);
  try {
    const client = foreignClient(await parseClientText(path, await read(), home));
    if (client === undefined) return error;
    const message = `this looks like ${client.name}'s ${client.file}; run "${importOf(path)}"`;
    return new ConfigError(error.facts.source, [{ place: [], message }, ...error.facts.problems], { cause: error });
  } catch {
    // What cannot be read at all has been said.
    return error;
  }
}

/** A file that is named as a configuration would be the one to add to as well, so it makes room first. */
function importOf(path: string): string {
  if (path === 'stdin') return 'lockgate import <file>';
  if (!/^lockgate\.(jsonc?|ya?ml)$/.test(basename(path))) return `lockgate import ${quoted(path)}`;
  const room = quoted(join(dirname(path), `servers${extname(path)}`));
  return `mv -n ${quoted(path)} ${room} && lockgate import ${room} --write`;
}

/** A client's file may be served as it is; then it may still lack a variable. */
function isOfVariable({ message }: ConfigProblem): boolean {
  return message.startsWith('the variable "');
}
