import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { readTextFile } from '../config/read-text-file.ts';
import { whyUnreadable } from '../config/why-unreadable.ts';
import { isMembers, parseExactly } from '../query/exact-json.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/**
 * The arguments of a call: JSON as it stands, `@file`, or `-` for stdin. Without any, what is piped in, else none. Numbers are sent on as they are written.
 *
 * @throws CommandFailure when it is no JSON object.
 */
export async function readArguments(given: string | undefined, terminal: Terminal): Promise<Record<string, unknown>> {
  const { text, from } = await readText(given, terminal);
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch (error) {
    throw new CommandFailure(
      `the arguments from ${from} are not JSON (${(error as Error).message}); write an object such as '{"text":"Hello"}'`,
      EXIT.usage,
    );
  }
  if (!isMembers(value)) {
    throw new CommandFailure(`the arguments from ${from} are not a JSON object such as '{"text":"Hello"}'`, EXIT.usage);
  }
  return value;
}

async function readText(given: string | undefined, terminal: Terminal): Promise<{ text: string; from: string }> {
  if (given === '-' || given === '@-' || (given === undefined && terminal.piped)) {
    return { text: await readAll(terminal.stdin), from: 'stdin' };
  }
  if (given === undefined) return { text: '', from: 'the command line' };
  if (!given.startsWith('@')) return { text: given, from: 'the command line' };
  const file = resolve(terminal.workingFolder, given.slice(1));
  try {
    return { text: await readTextFile(file), from: file };
  } catch (error) {
    throw new CommandFailure(`${file}: ${whyUnreadable(error, 'the arguments')}`, EXIT.usage);
  }
}
